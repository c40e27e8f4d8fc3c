import type { Change, Resource } from '../core/resource.ts'
import type { Canonical, Outcome, ServerInfo, ServiceClient, Sought, Verdict } from './service-client.ts'
import { Batcher } from './batcher.ts'

/** A ServiceClient whose calls from many reconciles become few: 1,000 ConfigMaps of one topic cost no more than one of 1,000. */
export class BatchingClient<R extends Resource> implements ServiceClient<R> {
  readonly #client: ServiceClient<R>
  readonly #ping: Batcher<null, ServerInfo>
  readonly #list: Batcher<string, readonly string[]>
  readonly #observe: Batcher<Look<R>, R | undefined>
  readonly #apply: Batcher<Change<R>, Outcome<R>>
  readonly canonical?: (desired: readonly R[], signal: AbortSignal) => Promise<readonly Canonical<R>[]>
  readonly validate?: (changes: readonly Change<R>[], signal: AbortSignal) => Promise<readonly Verdict[]>

  /** `timeoutMs` bounds each shared call; each caller keeps its own signal besides. */
  constructor(client: ServiceClient<R>, timeoutMs: number) {
    this.#client = client
    this.#ping = new Batcher(async (items, signal) => {
      const info = await client.ping(signal)
      return items.map(() => info)
    }, timeoutMs)
    this.#list = new Batcher(async (types, signal) => {
      const names = new Map<string, readonly string[]>()
      for (const type of new Set(types)) names.set(type, await client.list(type, signal))
      return types.map((type) => names.get(type) ?? [])
    }, timeoutMs)
    this.#observe = new Batcher(async (items, signal) => observeAll(client, items, signal), timeoutMs)
    // One at a time: services bear one large write better than many small ones (measured: docs/decisions/0011).
    this.#apply = new Batcher((changes, signal) => client.apply(changes, signal), timeoutMs, 1)
    if (client.canonical !== undefined) {
      const batcher = new Batcher<R, Canonical<R>>(
        (items, signal) => mustHave(client.canonical?.(items, signal)),
        timeoutMs,
      )
      this.canonical = (desired, signal) => batcher.call(desired, signal)
    }
    if (client.validate !== undefined) {
      const batcher = new Batcher<Change<R>, Verdict>(
        (items, signal) => mustHave(client.validate?.(items, signal)),
        timeoutMs,
      )
      this.validate = (changes, signal) => batcher.call(changes, signal)
    }
  }

  async ping(signal: AbortSignal): Promise<ServerInfo> {
    const [info] = await this.#ping.call([null], signal)
    return mustHave(info)
  }

  async list(type: string, signal: AbortSignal): Promise<readonly string[]> {
    const [names] = await this.#list.call([type], signal)
    return mustHave(names)
  }

  async observe(
    type: string,
    names: readonly string[],
    signal: AbortSignal,
    sought?: ReadonlyMap<string, Sought<R>>,
  ): Promise<readonly R[]> {
    const items = names.map((name) => ({ type, name, sought: sought?.get(name) }))
    const found = await this.#observe.call(items, signal)
    return found.filter((resource) => resource !== undefined)
  }

  apply(changes: readonly Change<R>[], signal: AbortSignal): Promise<readonly Outcome<R>[]> {
    return this.#apply.call(changes, signal)
  }

  close(): Promise<void> {
    return this.#client.close()
  }
}

/** One resource that somebody looks for. */
interface Look<R extends Resource> {
  readonly type: string
  readonly name: string
  readonly sought: Sought<R> | undefined
}

async function observeAll<R extends Resource>(
  client: ServiceClient<R>,
  items: readonly Look<R>[],
  signal: AbortSignal,
): Promise<readonly (R | undefined)[]> {
  const found = new Map<string, Map<string, R>>()
  for (const [type, looks] of Map.groupBy(items, (item) => item.type)) {
    const names = new Set(looks.map(({ name }) => name))
    const sought = new Map(looks.flatMap(({ name, sought: of }) => (of === undefined ? [] : [[name, of]])))
    const resources = await client.observe(type, [...names], signal, sought)
    found.set(type, new Map(resources.map((resource) => [resource.name, resource])))
  }
  return items.map(({ type, name }) => found.get(type)?.get(name))
}

function mustHave<T>(value: T | undefined): T {
  if (value === undefined)
    throw new TypeError('a shared call answered with fewer results than it was asked for')
  return value
}
