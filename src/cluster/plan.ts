/** A file that is written before a command reads it. */
export interface WrittenFile {
  readonly file: string
  readonly text: string
}

/** One thing that is done to a cluster, as a value: it can be read before it is done. */
export interface PlanStep {
  readonly title: string
  readonly command: readonly string[]
  readonly write?: WrittenFile
  readonly stdin?: string
  /** Where the command’s output goes, for nobody else to read: it is a kubeconfig. */
  readonly output?: string
  readonly deadlineMs: number
  /** The command is asked again until it succeeds: what it asks for comes by itself. */
  readonly retry?: boolean
  /** Lists, as JSON, the pods that a failure of the command is about. */
  readonly pods?: readonly string[]
  /** Takes back what a failed or interrupted command leaves half done. */
  readonly undo?: readonly string[]
  /** What whoever meets its failure can do. */
  readonly wayOut: string
}

/** Groups go one after another, the steps of a group together. */
export type Plan = readonly (readonly PlanStep[])[]

const minute = 60_000

/** Deadlines by what is waited for: a download, a machine’s own work, an answer. */
export const deadlines = { download: 20 * minute, work: 5 * minute, answer: minute } as const
