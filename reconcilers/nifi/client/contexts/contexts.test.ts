import assert from 'node:assert/strict'
import { own } from '../../../../src/core/json.ts'
import { describeContexts, type Site } from '../../../../test/support/nifi-context-suite.ts'
import { FakeNifi } from '../../fake.ts'
import { effectiveParameters } from '../../fake-parameters.ts'
import { valuesOf } from '../../fake-properties.ts'

/** Time passes in pauses only, and NiFi goes on by a step with every request. */
async function openSite(): Promise<Site> {
  const fake = new FakeNifi()
  let now = 0
  const pass = async (ms: number) => {
    now += ms
    return Promise.resolve()
  }
  const url = 'http://sink'
  return Promise.resolve({
    rootId: fake.rootId,
    options: { now: () => now, pause: pass },
    wire: () => fake.wire(),
    ask: async (method, path, body) => Promise.resolve(fake.ask(method, path, body)),
    restart: async () => {
      fake.restart()
      return Promise.resolve()
    },
    writtenDown: async () => Promise.resolve(),
    purge: async () => {
      purge(fake)
      return Promise.resolve()
    },
    urlOf: (path) => `${url}${path}`,
    passwordAt: async (path) => Promise.resolve(passwordOf(fake, `${url}${path}`)),
    hold: (name) => fake.hold(name),
    release: (name) => fake.release(name),
    stop: async () => Promise.resolve(),
  })
}

/** The ids go on. */
function purge({ state }: FakeNifi): void {
  const purged = state.actions.map((action) => ({ ...action, sourceId: 'purged', details: undefined }))
  state.actions.splice(0, purged.length, ...purged)
  state.record({
    sourceId: 'Flow Controller',
    sourceName: 'History',
    sourceType: 'Controller',
    operation: 'Purge',
    details: undefined,
  })
}

/** What the processor that calls this address would send. */
function passwordOf({ state }: FakeNifi, url: string): string {
  const caller = [...state.components.values()].find((part) => valuesOf(part).get('HTTP URL') === url)
  assert.ok(caller, `nothing calls ${url}`)
  const context = state.contexts.get(state.groups.get(caller.groupId)?.contextId ?? '')
  assert.ok(context)
  const password = String(valuesOf(caller).get('Request Password'))
  const [, name = ''] = /^#\{(.*)\}$/.exec(password) ?? []
  return String(own(effectiveParameters(state, context).get(name), 'value'))
}

describeContexts('parameter contexts on the fake', openSite)
