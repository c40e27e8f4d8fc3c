import type { Rendered } from './kustomize.ts'
import type { Manifest, Path } from './manifest.ts'

/** What an environment's folder is made of: the first folder on the way to an object. */
export type Part = 'stack' | 'border' | 'desired' | 'flux' | 'other'

export interface EnvironmentObject extends Rendered {
  readonly part: Part
}

/** One environment as it would be applied, and what tells Flux to apply it. */
export interface Environment {
  /** `dev`. */
  readonly name: string
  readonly objects: readonly EnvironmentObject[]
  readonly flux: readonly EnvironmentObject[]
  /** What each path that a Flux Kustomization names leads to. */
  readonly fluxPaths: ReadonlyMap<string, FluxPath>
}

/** `missing`: there is no such folder with a kustomization. `foreign`: it is of another environment. */
export type FluxPath = 'own' | 'foreign' | 'missing'

/** What a rule finds wrong, and where. */
export interface Finding {
  readonly object: EnvironmentObject
  readonly path: Path
  /** Leads on inside the text that stands at `path`, where that is a document itself. */
  readonly within?: Path
  /** One sentence with the way out. */
  readonly message: string
}

/** One sentence that holds for every environment. */
export interface EnvironmentRule {
  readonly code: string
  readonly says: string
  readonly judge: (environment: Environment, knowledge: Knowledge) => readonly Finding[]
}

/** What a rule cannot see from the objects alone. */
export interface Knowledge {
  readonly isClusterScoped: (manifest: Manifest) => boolean
}

/** `infometis.io/border: plain` on any object: the border asks for neither TLS nor a password, on purpose. */
export const borderAnnotation = 'infometis.io/border'
/** `infometis.io/expects: Secret/border-certificate, Secret/border-users`: what the environment uses and others bring. */
export const expectsAnnotation = 'infometis.io/expects'

export function ofKind(environment: Environment, ...kinds: readonly string[]): readonly EnvironmentObject[] {
  return environment.objects.filter(({ manifest }) => kinds.includes(manifest.kind))
}

/** The Namespace that an environment makes for itself; undefined for one that was given its namespace. */
export function ownNamespace(environment: Environment): EnvironmentObject | undefined {
  return ofKind(environment, 'Namespace')[0]
}

/** The namespace that most objects are in. */
export function namespaceOf({ objects }: Environment): string | undefined {
  const counts = new Map<string, number>()
  for (const { manifest } of objects) {
    const { namespace } = manifest.metadata
    if (namespace !== undefined) counts.set(namespace, (counts.get(namespace) ?? 0) + 1)
  }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0]
}

/** `Secret/border-users` for everything that an environment says others bring. */
export function expected({ objects, flux }: Environment): ReadonlySet<string> {
  const words = [...objects, ...flux].flatMap(
    ({ manifest }) => manifest.metadata.annotations?.[expectsAnnotation]?.split(',') ?? [],
  )
  return new Set(words.map((word) => word.trim()).filter((word) => word !== ''))
}
