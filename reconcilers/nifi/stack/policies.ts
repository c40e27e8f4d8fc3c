import { z } from 'zod'
import { ReconcileError } from '../../../src/errors.ts'
import { ask, type HttpAccess } from '../../../src/stack/http.ts'

/** As NiFi's policies name it: `read /flow`, `write /process-groups/root`; `root` stands for the id of the root process group. */
export type Grant = `${'read' | 'write'} /${string}`

/** What an oracle needs; a fresh NiFi gives its first user some of it. */
export const everything: readonly Grant[] = [
  'read /flow',
  'read /controller',
  'write /controller',
  'write /restricted-components',
  'read /parameter-contexts',
  'write /parameter-contexts',
  'read /process-groups/root',
  'write /process-groups/root',
  'read /data/process-groups/root',
  'write /data/process-groups/root',
  'write /operation/process-groups/root',
  'read /provenance',
  'read /provenance-data/process-groups/root',
  'read /counters',
  'write /counters',
  'read /system',
]

const revised = z.object({ id: z.string(), revision: z.looseObject({ version: z.number() }) })
const tenant = z.object({ id: z.string(), component: z.object({ identity: z.string() }) })
const tenants = z.object({ users: z.array(tenant) })
const policy = revised.extend({
  component: z.object({ resource: z.string(), users: z.array(z.object({ id: z.string() })) }),
})

/** Makes the users known to NiFi and grants them what they are to have; `access` is the first user's. Nothing is taken away. */
export async function grant(
  access: HttpAccess,
  rootGroup: string,
  users: ReadonlyMap<string, readonly Grant[]>,
  signal?: AbortSignal,
): Promise<void> {
  const desk = new PolicyDesk(access, signal)
  const ids = await desk.makeUsers([...users.keys()])
  const holders = new Map<Grant, string[]>()
  for (const [name, grants] of users) {
    const id = ids.get(name)
    if (id === undefined) continue
    for (const each of grants) holders.set(each, [...(holders.get(each) ?? []), id])
  }
  for (const [each, holding] of holders) {
    const [action = '', resource = ''] = each.split(' ')
    await desk.hold(action, resource.replace(/\/root$/, `/${rootGroup}`), holding)
  }
}

class PolicyDesk {
  readonly #access: HttpAccess
  readonly #signal: AbortSignal | undefined

  constructor(access: HttpAccess, signal: AbortSignal | undefined) {
    this.#access = access
    this.#signal = signal
  }

  /** The id of each, by name. */
  async makeUsers(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const known = tenants.parse(await this.#ask('GET', '/tenants/users')).users
    const ids = new Map(known.map(({ id, component }) => [component.identity, id]))
    for (const identity of names) {
      if (ids.has(identity)) continue
      const body = { revision: { version: 0 }, component: { identity } }
      ids.set(identity, revised.parse(await this.#ask('POST', '/tenants/users', body)).id)
    }
    return ids
  }

  async hold(action: string, resource: string, ids: readonly string[]): Promise<void> {
    const { status, body } = await ask(
      this.#access,
      { method: 'GET', path: `/policies/${action}${resource}` },
      this.#signal,
    )
    // Where it has none of its own, the one that it inherits is given.
    const { data: present } = policy.safeParse(status === 200 ? body : undefined)
    if (present?.component.resource !== resource) {
      const component = { action, resource, users: ids.map((id) => ({ id })) }
      await this.#ask('POST', '/policies', { revision: { version: 0 }, component })
      return
    }
    const all = new Set([...present.component.users.map(({ id }) => id), ...ids])
    const { id, revision } = present
    const component = { id, action, resource, users: [...all].map((each) => ({ id: each })) }
    await this.#ask('PUT', `/policies/${id}`, { revision, component })
  }

  async #ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await ask(this.#access, { method, path, body }, this.#signal)
    if (answer.status < 300) return answer.body
    const words = `${method} ${path} was answered with ${answer.status}: ${JSON.stringify(answer.body)}`
    throw new ReconcileError('StackFailed', `NiFi’s users could not be made: ${words}`)
  }
}
