import { setTimeout as pause } from 'node:timers/promises'
import type { FakeNifi } from '../../reconcilers/nifi/fake.ts'
import { type Side, at } from './nifi-talk.ts'

/** The fake, asked as somebody else asks it. */
export function fakeSide(fake: FakeNifi): Side {
  return {
    rootId: fake.rootId,
    pollMs: 0,
    ask: async (method, path, body) => fake.ask(method, path, body),
    generate: async (processorId, count) => {
      const path = `/processors/${processorId}`
      const put = (state: string): void => {
        const revision = at(fake.ask('GET', path).body, 'revision')
        fake.ask('PUT', `${path}/run-status`, { revision, state })
      }
      put('RUNNING')
      fake.flow(count)
      put('STOPPED')
    },
    restart: async () => fake.restart(),
    drain: async () => fake.flow(0, 10),
  }
}

/** Nothing is left on the canvas, whatever state it is in. */
export async function clearCanvas(side: Side): Promise<void> {
  const list = async (path: string, name: string): Promise<readonly unknown[]> => {
    const { body } = await side.ask('GET', path)
    return at(body, name) as readonly unknown[]
  }
  for (let tries = 0; tries < 40; tries += 1) {
    for (const each of await list('/process-groups/root/connections', 'connections'))
      await remove(side, 'connections', each)
    for (const each of await list('/process-groups/root/funnels', 'funnels'))
      await remove(side, 'funnels', each)
    for (const each of await list('/process-groups/root/process-groups', 'processGroups')) {
      const id = String(at(each, 'id'))
      await side.ask('PUT', `/flow/process-groups/${id}`, { id, state: 'STOPPED' })
      await side.ask('PUT', `/flow/process-groups/${id}/controller-services`, { id, state: 'DISABLED' })
      await side.ask('POST', `/process-groups/${id}/empty-all-connections-requests`)
      await remove(side, 'process-groups', each)
    }
    for (const each of await list('/flow/parameter-contexts', 'parameterContexts'))
      await remove(side, 'parameter-contexts', each)
    const left = [
      ...(await list('/process-groups/root/process-groups', 'processGroups')),
      ...(await list('/flow/parameter-contexts', 'parameterContexts')),
    ]
    if (left.length === 0) return
    await pause(100)
  }
  throw new Error('the canvas cannot be cleared')
}

async function remove(side: Side, kind: string, entity: unknown): Promise<void> {
  const id = String(at(entity, 'id'))
  const { body } = await side.ask('GET', `/${kind}/${id}`)
  const version = at(body ?? entity, 'revision', 'version') ?? at(entity, 'revision', 'version')
  await side.ask('DELETE', `/${kind}/${id}?version=${String(version)}`)
}
