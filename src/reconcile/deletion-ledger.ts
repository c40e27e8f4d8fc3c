/** Placeholder for the lead's next commit. */
export interface DeletionLedger {
  readonly size: number
}
