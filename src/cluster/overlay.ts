import { join, relative } from 'node:path'
import { type Image, imageName } from './image.ts'
import type { WrittenFile } from './plan.ts'

export interface OverlayParts {
  /** The checkout, and where the overlay goes; kustomize takes no absolute paths, so one is told from the other. */
  readonly root: string
  readonly directory: string
  readonly environment: string
  /** Components of `deploy/clusters/`. */
  readonly components: readonly string[]
  readonly image?: Image | undefined
}

/** A kustomization over an environment for what only one cluster needs; undefined where nothing is to be changed. */
export function overlay(parts: OverlayParts): WrittenFile | undefined {
  const { root, directory, environment, components, image } = parts
  if (components.length === 0 && image === undefined) return undefined
  const from = (...path: readonly string[]): string => relative(directory, join(root, ...path))
  const content = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [from('environments', environment)],
    ...(components.length === 0
      ? {}
      : { components: components.map((each) => from('deploy', 'clusters', each)) }),
    ...(image === undefined ? {} : { images: [replacement(image)] }),
  }
  return { file: join(directory, 'kustomization.yaml'), text: `${JSON.stringify(content, undefined, 2)}\n` }
}

function replacement({ name, tag, digest }: Image): Readonly<Record<string, string>> {
  return {
    name: imageName,
    newName: name,
    ...(tag === undefined ? {} : { newTag: tag }),
    ...(digest === undefined ? {} : { digest }),
  }
}
