/** A walk over the documents of a target, from the last copied to the first: what lives briefly is found soon. */
export interface Sweep {
  /** Documents with a sequence number above this were looked at. -1: all of them were. */
  readonly to: number
  /** Also looks for documents of which the target has a higher version than the source. */
  readonly versions: boolean
  readonly seen: number
  readonly removed: number
}
