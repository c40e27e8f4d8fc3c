/** Any answer of a server itself, errors included. `body` is parsed JSON (undefined when empty); text where it was no JSON. */
export interface WireAnswer {
  readonly status: number
  readonly body: unknown
}
