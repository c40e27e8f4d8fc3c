import { own, ownObject } from '../../src/core/json.ts'
import { isPrivateSetting } from '../../reconcilers/elasticsearch/setting-checks.ts'
import type { Hands } from '../contract/subject.ts'

/** Somebody else's way to a cluster: plain HTTP, or the fake asked directly. */
export type Ask = (
  method: 'GET' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
) => Promise<{ readonly status: number; readonly body: unknown }>

/** Who changes indices behind our back, and says what there is. */
export function indexBystander(ask: Ask): Hands {
  return {
    look: async (name) => {
      const { status, body } = await ask('GET', `/${name}?flat_settings=true`)
      if (status === 404) return undefined
      const [index, shown] = Object.entries(body as Record<string, unknown>)[0] ?? []
      const settings = Object.entries(ownObject(shown, 'settings')).filter(([key]) => !isPrivateSetting(key))
      return {
        index,
        aliases: own(shown, 'aliases'),
        mappings: own(shown, 'mappings'),
        settings: Object.fromEntries(settings),
      }
    },
    make: async (name, entry) => done(ask('PUT', `/${name}`, entry)),
    remove: async (name) => done(ask('DELETE', `/${name}`)),
    drift: async (name) => done(ask('PUT', `/${name}/_settings`, { 'index.refresh_interval': '7s' })),
  }
}

/** The same for component templates. */
export function componentBystander(ask: Ask): Hands {
  const path = (name: string) => `/_component_template/${name}`
  const look = async (name: string) => {
    const { status, body } = await ask('GET', path(name))
    const [found] = (own(body, 'component_templates') ?? []) as readonly unknown[]
    return status === 404
      ? undefined
      : (own(found, 'component_template') as Record<string, unknown> | undefined)
  }
  return {
    look,
    make: async (name, entry) => done(ask('PUT', path(name), entry)),
    remove: async (name) => done(ask('DELETE', path(name))),
    drift: async (name) => done(ask('PUT', path(name), { ...(await look(name)), version: 9 })),
  }
}

async function done(asked: ReturnType<Ask>): Promise<void> {
  const { status, body } = await asked
  if (status >= 400) throw new Error(`the bystander was refused: ${JSON.stringify(body)}`)
}
