/** A refusal in the broker's own words, with the protocol's name of the error. */
export class BrokerRefusal extends Error {
  readonly code: string

  constructor(code: string, words: string) {
    super(`${words} (${code})`)
    this.code = code
  }
}
