import type { WireAnswer } from './client/wire.ts'

/** A refusal of the fake NiFi: a status and a sentence in plain text, as from a real one. */
export class Refusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }

  toAnswer(): WireAnswer {
    return { status: this.status, body: this.message }
  }
}

/** What NiFi says of its own mistakes: of a null that it did not expect, for one. `cause` is what it writes into its log. */
export class Unexpected extends Refusal {
  /** The words of a failureReason, where it happens in an asynchronous request. */
  readonly reason: string

  constructor(reason = 'null') {
    super(500, 'An unexpected error has occurred. Please check the logs for additional details.')
    this.reason = reason
  }
}

export function badRequest(message: string): Refusal {
  return new Refusal(400, message)
}

export function conflict(message: string): Refusal {
  return new Refusal(409, message)
}

export function missing(message: string): Refusal {
  return new Refusal(404, message)
}
