/** Placeholder for the lead's next commit. */
export interface OwnershipIndex {
  readonly size: number
}
