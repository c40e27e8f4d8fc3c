import type { Change } from '../../../src/core/resource.ts'
import type { Canonical, Outcome, Sought, Verdict } from '../../../src/reconcile/service-client.ts'
import { type GrafanaResource, type GrafanaType, isChangeOf, isOfType } from '../resource.ts'
import type { TypeClient } from './type-client.ts'

type Of<T extends GrafanaType> = Extract<GrafanaResource, { type: T }>

/** One config type's part of the client, asked with what can be of any type. */
export class Part<T extends GrafanaType> {
  readonly type: T
  readonly #client: TypeClient<Of<T>>

  constructor(type: T, client: TypeClient<Of<T>>) {
    this.type = type
    this.#client = client
  }

  async list(signal: AbortSignal): Promise<readonly string[]> {
    return this.#client.list(signal)
  }

  async observe(
    names: readonly string[],
    signal: AbortSignal,
    sought: ReadonlyMap<string, Sought<GrafanaResource>>,
  ): Promise<readonly GrafanaResource[]> {
    const own = new Map(
      [...sought].map(([name, { desired, ...rest }]): [string, Sought<Of<T>>] => {
        const mine = desired !== undefined && isOfType(this.type, desired) ? desired : undefined
        return [name, { ...rest, ...(mine !== undefined && { desired: mine }) }]
      }),
    )
    return this.#client.observe(names, signal, own)
  }

  /** Of the resources of this type. */
  async canonical(
    desired: readonly GrafanaResource[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<GrafanaResource, Canonical<GrafanaResource>>> {
    const mine = desired.filter((each) => isOfType(this.type, each))
    return answers(mine, mine.length === 0 ? [] : await this.#client.canonical?.(mine, signal))
  }

  /** Of the changes of this type. */
  async validate(
    changes: readonly Change<GrafanaResource>[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<Change<GrafanaResource>, Verdict>> {
    const mine = changes.filter((each) => isChangeOf(this.type, each))
    return answers(mine, mine.length === 0 ? [] : await this.#client.validate?.(mine, signal))
  }

  async apply(
    change: Change<GrafanaResource>,
    signal: AbortSignal,
  ): Promise<Outcome<GrafanaResource> | undefined> {
    return isChangeOf(this.type, change) ? this.#client.apply(change, signal) : undefined
  }
}

function answers<Asked, Answer>(
  asked: readonly Asked[],
  given: readonly Answer[] = [],
): ReadonlyMap<Asked, Answer> {
  return new Map(
    asked.flatMap((each, index) => {
      const answer = given[index]
      return answer === undefined ? [] : [[each, answer] as const]
    }),
  )
}
