/** A running service, as its reconciler is told of it. */
export interface Component {
  /** What stands behind `run`, and the folder of `deploy/`. */
  readonly kind: string
  readonly environment: Readonly<Record<string, string>>
}
