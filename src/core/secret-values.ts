import { createHmac } from 'node:crypto'

/**
 * Values from Secrets, by the path of the field they belong to. They come out by `reveal` only: a log line, a plan as JSON, a dump of
 * whatever holds this object shows nothing of them.
 */
export class SecretValues {
  readonly #values: ReadonlyMap<string, string>

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = new Map(values)
  }

  /** Only where it is sent to the service. */
  reveal(path: string): string | undefined {
    return this.#values.get(path)
  }

  /** The member that holds this vanishes from JSON. */
  toJSON(): undefined {
    return undefined
  }

  toString(): string {
    return shown
  }

  get [Symbol.toStringTag](): string {
    return 'SecretValues'
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return shown
  }
}

const shown = '[secret values]'

/** What may be compared, kept and shown in a value's place: with another key, or for another value, it is another. */
type Fingerprint = { readonly secret: string }

/** The first 16 hex digits of HMAC-SHA256. Without the key nobody can try values against it. */
export function fingerprintOf(key: Uint8Array, value: string): Fingerprint {
  return { secret: createHmac('sha256', key).update(value, 'utf8').digest('hex').slice(0, 16) }
}
