import { ExitError } from '../errors.ts'

/** A container image, as kustomize’s `images` names one. */
export interface Image {
  readonly name: string
  readonly tag?: string
  readonly digest?: string
}

/** The name that every manifest of the reconcilers has; its tag is the version of this package. */
export const imageName = 'infometis'

/** What stands behind the last colon is a tag only where no slash follows: a registry may have a port. */
const pattern =
  /^(?<name>[a-z0-9]+(?:[._:/-]+[a-z0-9]+)*?)(?::(?<tag>\w[\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/

/** `REGISTRY/infometis:TAG`. Throws ExitError 1 for what is none, or says no version. */
export function parseImage(text: string): Image {
  const { name, tag, digest } = pattern.exec(text)?.groups ?? {}
  if (name === undefined)
    throw new ExitError(1, `${JSON.stringify(text)} is not an image: write REGISTRY/infometis:TAG`)
  if (tag === undefined && digest === undefined)
    throw new ExitError(
      1,
      `the image ${text} has no tag: write ${text}:TAG, or the cluster takes any version`,
    )
  return { name, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) }
}

export function imageText({ name, tag, digest }: Image): string {
  return `${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}
