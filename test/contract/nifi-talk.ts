import { setTimeout as pause } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { own } from '../../src/core/json.ts'

export type Method = 'GET' | 'PUT' | 'POST' | 'DELETE'

export interface Answer {
  readonly status: number
  readonly body: unknown
}

/** One side of a conversation: the fake, or a real NiFi. */
export interface Side {
  readonly rootId: string
  /** Milliseconds between two looks at something that is under way. */
  readonly pollMs: number
  ask(method: Method, path: string, body?: unknown): Promise<Answer>
  /** Lets a running source make so many FlowFiles of ten bytes, and stop again. */
  generate(processorId: string, count: number): Promise<void>
  /** The server is killed and started again. */
  restart(): Promise<void>
  /** Waits until nothing waits in a group. */
  drain(groupId: string): Promise<void>
}

/** An answer as it was heard. */
export interface Heard {
  readonly asked: readonly unknown[]
  readonly status: number
  readonly body: unknown
}

/** Asks one side, and remembers what it said. */
export class Talk {
  readonly heard: Heard[] = []
  readonly rootId: string
  readonly #side: Side

  constructor(side: Side) {
    this.#side = side
    this.rootId = side.rootId
  }

  /** The answer counts: the other side has to say the same. */
  async ask(status: number, method: Method, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.#side.ask(method, path, body)
    this.heard.push({ asked: [status, method, path, body], ...answer })
    return answer.body
  }

  /** Only the status counts: of several things that are in the way NiFi names any. */
  async status(status: number, method: Method, path: string, body?: unknown): Promise<void> {
    const answer = await this.#side.ask(method, path, body)
    this.heard.push({ asked: [status, method, path, body], status: answer.status, body: undefined })
  }

  /** Asks the same until the status is this one, at most for twenty seconds; the last status counts. */
  async eventually(status: number, method: Method, path: string): Promise<void> {
    const deadline = Date.now() + 20_000
    let heard = 0
    while (heard !== status && Date.now() < deadline) {
      heard = (await this.#side.ask(method, path)).status
      if (heard !== status) await pause(this.#side.pollMs)
    }
    this.heard.push({ asked: [status, method, path], status: heard, body: undefined })
  }

  /** Not remembered. */
  async quietly(method: Method, path: string, body?: unknown): Promise<unknown> {
    return (await this.#side.ask(method, path, body)).body
  }

  /** Asks until it is so, at most for twenty seconds; the last answer counts. */
  async until(path: string, isSo: (body: unknown) => boolean): Promise<unknown> {
    const deadline = Date.now() + 20_000
    for (;;) {
      const answer = await this.#side.ask('GET', path)
      if (isSo(answer.body) || Date.now() > deadline) {
        this.heard.push({ asked: [200, 'GET', path], ...answer })
        return answer.body
      }
      await pause(this.#side.pollMs)
    }
  }

  /** Until nothing waits below a group. */
  async drained(groupId: string): Promise<void> {
    await this.#side.drain(groupId)
  }

  async restart(): Promise<void> {
    await this.#side.restart()
  }

  /** What the other side has to come to, too. */
  note(body: unknown): void {
    this.heard.push({ asked: [200, 'note'], status: 200, body })
  }

  async generate(processorId: string, count: number): Promise<void> {
    await this.#side.generate(processorId, count)
  }
}

export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (found, name): unknown =>
      typeof name === 'number' ? (found as readonly unknown[])[name] : own(found, name),
    value,
  )
}

export function textAt(value: unknown, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path)
  if (typeof found !== 'string') throw new Error(`no text at ${path.join('.')} of ${JSON.stringify(value)}`)
  return found
}

/** What differs between the two sides: of each answer of the fake, whatever the real one does not say. */
export function differences(fake: readonly Heard[], real: readonly Heard[]): readonly unknown[] {
  const names = [new Map<string, string>(), new Map<string, string>()] as const
  return fake.flatMap((said, index) => {
    const heard = real[index]
    const unsure = said.asked[1] === 'GET' ? [] : ['invalidCount', 'stoppedCount']
    const mine = plain(sorted(said.body, unsure), names[0])
    const its = plain(restricted(sorted(heard?.body, unsure), sorted(said.body, unsure)), names[1])
    if (said.status === heard?.status && isDeepStrictEqual(mine, its)) return []
    const unlike =
      said.status === heard?.status ? unlikeAt('', its, mine) : [[heard?.status, its, said.status, mine]]
    return [{ asked: said.asked.slice(0, 3), unlike }]
  })
}

/** Where two values differ: the path, what the real one says, and what the fake does. */
function unlikeAt(path: string, real: unknown, fake: unknown): readonly unknown[] {
  if (isDeepStrictEqual(real, fake)) return []
  const lists = Array.isArray(real) && Array.isArray(fake)
  if (!lists && !(isMap(real) && isMap(fake))) return [[path, real, fake]]
  if (lists && real.length !== fake.length) return [[path, real.map(title), fake.map(title)]]
  const [its, mine] = [real, fake] as readonly Readonly<Record<string, unknown>>[]
  const names = Object.keys({ ...its, ...mine })
  return names.flatMap((name) => unlikeAt(`${path}.${name}`, its?.[name], mine?.[name]))
}

/** What is another on each server, or at each moment. */
const passing = new Set([
  ...['uri', 'lastUpdated', 'submissionTime', 'timestamp', 'currentTime', 'lastRefreshed', 'generated'],
  ...[
    'statsLastRefreshed',
    'tags',
    'contentViewerUrl',
    'flowFilesIn',
    'bytesIn',
    'flowFilesOut',
    'bytesOut',
    'running',
    'activeThreadCount',
  ],
])

/** Only what the other one says, too: the fake leaves much out. */
function restricted(value: unknown, like: unknown): unknown {
  if (Array.isArray(value) && Array.isArray(like)) {
    const list = like as readonly unknown[]
    const all: readonly unknown[] = value
    return all.map((each, index) => (index < list.length ? restricted(each, list[index]) : each))
  }
  if (!isMap(value) || !isMap(like)) return value
  const names = Object.keys(like).filter((name) => Object.hasOwn(value, name))
  return Object.fromEntries(names.map((name) => [name, restricted(value[name], like[name])]))
}

/**
 * Lists by what their elements are called: NiFi keeps no order. Without what is not sure yet: NiFi validates after it has answered, so
 * a write's answer may count what it touched as stopped or as invalid.
 */
function sorted(value: unknown, unsureOf: readonly string[]): unknown {
  if (Array.isArray(value)) {
    const list: readonly unknown[] = value.map((each) => sorted(each, unsureOf))
    return list.toSorted((a, b) => (title(a) < title(b) ? -1 : 1))
  }
  if (!isMap(value)) return value
  // Of what is disabled it depends on the moment whether NiFi has looked before.
  const unsure =
    value['state'] === 'DISABLED' ? [...unsureOf, 'validationStatus', 'validationErrors'] : unsureOf
  const kept = Object.entries(value).filter(([name]) => !passing.has(name) && !unsure.includes(name))
  return Object.fromEntries(
    kept.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => [name, sorted(member, unsureOf)]),
  )
}

const titles = [
  ['identifier'],
  ['component', 'versionedComponentId'],
  ['parameter', 'name'],
  ['component', 'name'],
  ['connectionStatusSnapshot', 'name'],
  ['connectionStatusSnapshot', 'sourceName'],
  ['processorStatusSnapshot', 'name'],
  ['portStatusSnapshot', 'name'],
  ['processGroupStatusSnapshot', 'name'],
  ['component', 'source', 'name'],
  ['context'],
  ['name'],
  ['type'],
]

function title(value: unknown): string {
  if (!isMap(value)) return JSON.stringify(value)
  const found = titles.map((path) => at(value, ...path)).filter((each) => typeof each === 'string')
  const [revision, position] = [at(value, 'revision', 'version'), at(value, 'component', 'type')]
  return plain([...found, revision, position].join(' '), new Map()) as string
}

/** Identifiers by the order in which they are first heard, and numbers in which sentences differ. */
function plain(value: unknown, names: Map<string, string>): unknown {
  const text = JSON.stringify(value ?? null).replace(
    /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g,
    (id) => {
      const name = names.get(id) ?? `id ${names.size}`
      names.set(id, name)
      return name
    },
  )
  return JSON.parse(text) as unknown
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
