import type { ReconcileError } from '../errors.ts'
import type { RawAnswer } from './http-connection.ts'

/** What a service that speaks HTTP is called, for the sentences that tell what went wrong on the way to it. */
export interface HttpService {
  /** For people: `NiFi`. */
  readonly title: string
  /** Of its settings: `NIFI`, as in NIFI_URL and NIFI_CA_FILE. */
  readonly prefix: string
  /** What its URL must name, as the end of a sentence: `must be where /nifi-api is`. */
  readonly place: string
  /** A page that the service itself gives in the place of an answer, as what it means; undefined: not one of its own. */
  page?(raw: RawAnswer, where: string): ReconcileError | undefined
}
