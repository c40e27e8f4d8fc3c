/** The definition that a group is made like. */
export interface Proposal {
  readonly contents: unknown
  /** The definition's own parameter contexts, by name. */
  readonly contexts: unknown
  /** Names of services above that the definition uses, by identifier. */
  readonly externals: unknown
}
