import { own } from '../../../../src/core/json.ts'
import { textAt } from '../../../../src/core/members.ts'
import { accepted } from '../failures.ts'
import { Recent } from '../recent.ts'
import type { Tools } from '../tools.ts'
import type { Wire, WireAnswer } from '../wire.ts'
import { isPlain } from './live-datasource.ts'

/** Milliseconds: the list of one look serves for the warnings of the writes that follow it. */
const lookMs = 5_000

/** What the list says of a datasource; versions, secrets and more are told one by one only. */
export interface ListedDatasource {
  readonly uid: string
  /** Undefined: its plugin is installed. */
  readonly missingPlugin: string | undefined
}

/**
 * Grafana's answer to what datasources there are. One for all that ask, so that none of them goes on with a list that another has made
 * old; what a refusal means is for each of them.
 */
export class DatasourceList {
  readonly #wire: Wire
  readonly #answered: Recent<WireAnswer>

  constructor(tools: Pick<Tools, 'wire' | 'now'>) {
    this.#wire = tools.wire
    this.#answered = new Recent(() => tools.now())
  }

  /** As it is now. */
  async read(signal: AbortSignal): Promise<WireAnswer> {
    return this.#answered.read(async () => this.#ask(signal))
  }

  /** Not older than so many milliseconds. */
  async within(ms: number, signal: AbortSignal): Promise<WireAnswer> {
    return this.#answered.within(ms, async () => this.#ask(signal))
  }

  /** For a warning. `again`: as it is now, not a moment ago. */
  async forWarnings(again: boolean, signal: AbortSignal): Promise<WireAnswer> {
    return again ? this.read(signal) : this.within(lookMs, signal)
  }

  /** A datasource was written, or may have been. */
  forget(): void {
    this.#answered.forget()
  }

  async #ask(signal: AbortSignal): Promise<WireAnswer> {
    const answer = await this.#wire.send({ method: 'GET', path: '/api/datasources' }, signal)
    // What a token may not see it may not see a moment later; any other refusal may be over by then, and is not kept.
    if (answer.status >= 400 && answer.status !== 403) this.forget()
    return answer
  }
}

/** Every datasource that this token may see, by uid. Throws ReconcileError where it may see none. */
export function listedIn(answer: WireAnswer): ReadonlyMap<string, ListedDatasource> {
  const items = accepted(answer, 'listing datasources')
  const listed = (Array.isArray(items) ? items : []).map((item: unknown): [string, ListedDatasource] => {
    const uid = textAt(item, 'uid')
    return [uid, { uid, missingPlugin: missingPlugin(item) }]
  })
  return new Map(listed)
}

/** Grafana shows a type that it does not know by its bare id and a picture that stands for any datasource. */
function missingPlugin(item: unknown): string | undefined {
  const type = textAt(item, 'type')
  return isPlain(item) && type !== '' && own(item, 'typeName') === type ? type : undefined
}
