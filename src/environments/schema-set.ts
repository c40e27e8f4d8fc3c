import type { Fields } from './manifest.ts'

/** Strict JSON Schemas of the kinds of one origin, as they stand in `schemas/`. */
export interface SchemaSet {
  /** What they were made from: `Kubernetes 1.34.4`. */
  readonly origin: string
  /** By `apps/v1/Deployment` (`v1/Service` in the core): the name of the kind's definition. */
  readonly kinds: Readonly<Record<string, string>>
  /** Kinds that belong to no namespace, by `group/Kind` (`/Node` in the core), with and without a schema here. */
  readonly clusterScoped: readonly string[]
  readonly definitions: Readonly<Record<string, Fields>>
}
