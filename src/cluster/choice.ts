import type { Image } from './image.ts'

/** What a stack can be put on: a kind cluster, the k0s of this machine, or the cluster that a kubeconfig names. */
export const targets = ['kind', 'k0s', 'current'] as const
export type Target = (typeof targets)[number]

interface Choice {
  readonly on: Target
  /** A folder of `environments/`. */
  readonly environment: string
  /** Of the kind cluster. */
  readonly name: string
  /** Of the kubeconfig, with `current`. Absent: its current one. */
  readonly context?: string
  /** Said by whoever starts it: go on, although this is not a cluster that one may break. */
  readonly yes: boolean
}

export interface UpChoice extends Choice {
  /** Where the cluster gets it from. Absent: built here, under the name that the manifests have. */
  readonly image?: Image
  /** Build it here and push it to its registry. */
  readonly push: boolean
  /** It is on the nodes already. */
  readonly skipImage: boolean
  readonly wait: boolean
  /** For everything to run, and then for what is desired to be there. */
  readonly timeoutMs: number
}

export interface DownChoice extends Choice {
  readonly deleteData: boolean
}

/** `down` deletes kind and k0s as a whole: what is in them does not matter. */
export function needsEnvironment(choice: UpChoice | DownChoice): boolean {
  return choice.on === 'current' || !('deleteData' in choice)
}

/** How a name ends up in commands: kind takes no other, and nothing else of a shell’s may be in one. */
export const clusterName = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/
