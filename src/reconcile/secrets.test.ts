import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { inspect } from 'node:util'
import { MemorySecrets } from '../../test/support/secrets.ts'
import { type Safe, VaultClient, VaultDesk, from, safes } from '../../test/support/vault-desk.ts'
import { canonicalJson } from '../core/canonical.ts'
import { ignoring } from '../core/diff.ts'
import type { Change } from '../core/resource.ts'
import { ReconcileError } from '../errors.ts'
import { createLogger } from '../runtime/logger.ts'
import { makePlan } from './planner.ts'
import { type Resolved, asItStands, resolveSecrets } from './secrets.ts'

const never = new AbortController().signal
let secrets: MemorySecrets

beforeEach(() => {
  secrets = new MemorySecrets()
  secrets.write('bank', ['vault/safes'], { code: 'hunter2', pin: '1234' })
})

function desired(entries: Readonly<Record<string, unknown>>): readonly Safe[] {
  return Object.entries(entries).map(([name, value]) => safes.normalize(name, value))
}

function resolve(entries: Readonly<Record<string, unknown>>): Promise<Resolved<Safe>> {
  return resolveSecrets(safes, desired(entries), { kind: 'vault', namespace: 'team' }, secrets, never)
}

async function problemWith(value: object): Promise<string | undefined> {
  const { desired: good, rejections } = await resolve({ main: { code: value }, other: { colour: 'red' } })
  assert.deepEqual(
    [good.map(({ name }) => name), rejections.map(({ resource, code }) => [resource.name, code])],
    [['other'], [['main', 'SecretNotUsable']]],
  )
  return rejections[0]?.message
}

describe('resolving Secrets', () => {
  it('puts a fingerprint in the place of a value, which only reveal gives', async () => {
    const { desired: good, rejections } = await resolve({
      main: { code: from('bank', 'code'), colour: 'red' },
    })
    assert.deepEqual([good.length, rejections], [1, []])
    const [main] = good
    assert.deepEqual(
      [...(main?.fields ?? [])],
      [
        ['code', { secret: '326eb4f6783e519f' }],
        ['colour', 'red'],
      ],
    )
    assert.equal(main?.secrets?.reveal('code'), 'hunter2')
  })

  it('shows no value in a change, however that is printed', async () => {
    const [main] = (await resolve({ main: { code: from('bank', 'code') } })).desired
    assert.ok(main)
    const change: Change<Safe> = {
      action: 'create',
      type: 'safes',
      name: 'main',
      cause: 'written',
      fields: [...main.fields].map(([path, after]) => ({ path, after, cause: 'written' })),
      desired: main,
    }
    const lines: string[] = []
    const log = createLogger({ level: 'debug', pretty: false }, (line) => lines.push(line))
    log.info({ change, secrets: main.secrets, error: new Error('no', { cause: change }) }, 'changing')
    const pretty = createLogger({ level: 'debug', pretty: true }, (line) => lines.push(line))
    pretty.info({ change }, 'changing')
    const shown = [
      ...lines,
      JSON.stringify(change),
      canonicalJson(change),
      inspect(change, { depth: 9, showHidden: true }),
      inspect(structuredClone(change), { depth: 9 }),
    ]
    assert.equal(lines.length, 2)
    for (const text of shown) {
      assert.ok(text.includes('main') && !text.includes('hunter2'), text)
    }
  })

  it('gives equal values of a key equal fingerprints, and other values others', async () => {
    const of = async () =>
      (await resolve({ main: { code: from('bank', 'code') } })).desired[0]?.fields.get('code')
    const first = await of()
    assert.deepEqual(await of(), first)
    secrets.write('bank', ['vault/safes'], { code: 'hunter3' })
    assert.notDeepEqual(await of(), first)
  })

  it('reads each Secret once, and none where none is named', async () => {
    await resolve({ a: { colour: 'red' } })
    assert.deepEqual(secrets.reads, [])
    await resolve({
      a: { code: from('bank', 'code'), pin: from('bank', 'pin') },
      b: { code: from('bank', 'code') },
    })
    assert.deepEqual(secrets.reads, ['team/bank'])
  })

  it('reads many Secrets, a few at a time', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `bank-${index}`)
    for (const name of names) secrets.write(name, ['vault'], { code: `of ${name}` })
    const entries = Object.fromEntries(names.map((name) => [name, { code: from(name, 'code') }]))
    const { desired: good } = await resolve(entries)
    assert.deepEqual(
      good.map(({ secrets: values }) => values?.reveal('code')),
      names.map((name) => `of ${name}`),
    )
  })

  it('takes a Secret that is usable by the whole component', async () => {
    secrets.write('all', ['other', 'vault'], { code: 'x' })
    assert.deepEqual((await resolve({ main: { code: from('all', 'code') } })).rejections, [])
  })

  it('keeps text as it is, a byte order mark and a newline at its end included', async () => {
    secrets.write('odd', ['vault'], { code: '\uFEFFpässwörd\n' })
    const [main] = (await resolve({ main: { code: from('odd', 'code') } })).desired
    assert.equal(main?.secrets?.reveal('code'), '\uFEFFpässwörd\n')
  })

  it('says that there is no such Secret', async () => {
    assert.equal(await problemWith(from('gone', 'code')), 'there is no Secret gone in namespace team')
  })

  it('says which annotation a Secret lacks', async () => {
    secrets.write('shut', ['vault/other', 'kafka'], { code: 'x' })
    assert.equal(
      await problemWith(from('shut', 'code')),
      'the Secret shut in namespace team may not be used here: it lacks the annotation infometis.io/usable-by: vault/safes',
    )
  })

  it('says that a Secret may not be sent to an address that it does not name', async () => {
    const way = 'https://courier:8443'
    secrets.write('sealed', ['vault'], { code: 'hunter2' }, { allowedUrls: [way] })
    assert.equal(
      await problemWith(from('bank', 'code', way)),
      `the Secret bank in namespace team may not be sent to ${way}: its annotation infometis.io/allowed-urls does not name that address`,
    )
    assert.match((await problemWith(from('sealed', 'code', 'https://courier:1'))) ?? '', /may not be sent/)
    const { desired: good } = await resolve({ main: { code: from('sealed', 'code', `${way}/vault`) } })
    assert.equal(good[0]?.secrets?.reveal('code'), 'hunter2')
  })

  it('says that one which may be sent to one address alone cannot be ignored', async () => {
    const way = 'https://courier:8443'
    secrets.write('sealed', ['vault'], { code: 'hunter2' }, { allowedUrls: [way] })
    const entries = desired({
      main: { code: from('sealed', 'code', way) },
      other: { code: from('bank', 'code') },
    })
    const reader = { kind: 'vault', namespace: 'team', ignore: ignoring(['co*']) }
    const { desired: good, rejections } = await resolveSecrets(safes, entries, reader, secrets, never)
    assert.deepEqual(
      [good.map(({ name }) => name), rejections.map(({ message }) => message)],
      [
        ['other'],
        [
          `code is ignored, so nothing sees to it that its value goes to ${way} alone: take it out of infometis.io/ignore, or out of the document`,
        ],
      ],
    )
  })

  it('says which key a Secret lacks', async () => {
    assert.equal(
      await problemWith(from('bank', 'other')),
      'the Secret bank in namespace team has no key other',
    )
  })

  it('says that a value is empty or no text', async () => {
    secrets.write('odd', ['vault'], { none: '', bytes: new Uint8Array([0xc3, 0x28]) })
    assert.match((await problemWith(from('odd', 'none'))) ?? '', /empty value under the key none$/)
    assert.match((await problemWith(from('odd', 'bytes'))) ?? '', /value under bytes is not UTF-8 text$/)
  })

  it('asks for nothing that is no name of a Secret', async () => {
    for (const name of ['../configmaps', '..', '', 'A', 'a/b', 'a..b', 'a?b'])
      assert.equal(await problemWith(from(name, 'code')), `"${name}" is no name of a Secret`)
    assert.deepEqual(secrets.reads, [])
  })

  it('says of an entry everything that is wrong with it', async () => {
    const { rejections } = await resolve({ a: { code: from('gone', 'x'), pin: from('bank', 'y') } })
    assert.equal(
      rejections[0]?.message,
      'there is no Secret gone in namespace team; the Secret bank in namespace team has no key y',
    )
  })

  it('refuses what needs a fingerprint when there is no key for it, and nothing else', async () => {
    secrets.key = { problem: 'there is no key' }
    assert.equal(await problemWith(from('bank', 'code')), 'there is no key')
  })

  it('takes what cannot be compared as it was applied, or as it stands, or names its Secret', async () => {
    secrets.key = 'unread'
    const code = from('bank', 'code')
    const { desired: good, uncompared } = await resolve({
      made: { code, colour: 'red' },
      there: { code },
      new: { code },
    })
    const holding = (value: string) => ({ fields: new Map([['code', { secret: value }]]) })
    const inventory = new Map([['safes/made', holding('applied')]] as const)
    const observed = new Map([
      ['safes/made', holding('elsewhere')],
      ['safes/there', holding('seen')],
    ] as const)
    const shown = asItStands(good, uncompared, inventory, observed)
    assert.deepEqual(
      shown.map(({ fields }) => Object.fromEntries(fields)),
      [
        { code: { secret: 'applied' }, colour: 'red' },
        { code: { secret: 'seen' } },
        { code: { secret: 'bank/code' } },
      ],
    )
  })
})

describe('a document that takes values from Secrets', () => {
  let desk: VaultDesk

  beforeEach(() => {
    desk = new VaultDesk()
    desk.secrets.write('bank', ['vault/safes'], { code: 'hunter2' })
    desk.write('safes', 'safes', { main: { code: from('bank', 'code') }, plain: { colour: 'red' } })
  })

  it('reaches the service with its values, and then needs nothing', async () => {
    assert.equal((await desk.converge('safes')).kind, 'done')
    assert.equal(desk.vault.safes.get('main')?.codes.get('code'), 'hunter2')
    const before = desk.applied().length
    await desk.restart()
    await desk.converge('safes')
    assert.deepEqual([desk.applied().length, desk.state('safes').ready], [before, 'True'])
  })

  it('follows a Secret that has another value, as a written change', async () => {
    await desk.converge('safes')
    desk.secrets.write('bank', ['vault/safes'], { code: 'correct horse' })
    await desk.converge('safes')
    const last = desk.applied().at(-1)
    assert.deepEqual([last?.name, last?.action, last?.cause], ['main', 'update', 'written'])
    assert.equal(desk.vault.safes.get('main')?.codes.get('code'), 'correct horse')
    assert.equal(desk.drifted, 0)
  })

  it('goes on with the other entries where a Secret is missing, and with this one when it comes', async () => {
    desk.secrets.kept.clear()
    await desk.converge('safes')
    assert.deepEqual([...desk.vault.safes.keys()], ['plain'])
    assert.deepEqual(desk.unready('safes'), ['main: refused SecretNotUsable'])
    assert.deepEqual([desk.state('safes').ready, desk.state('safes').reason], ['False', 'SecretNotUsable'])
    desk.secrets.write('bank', ['vault/safes'], { code: 'hunter2' })
    await desk.converge('safes')
    assert.deepEqual([desk.vault.safes.size, desk.state('safes').ready], [2, 'True'])
  })

  it('deletes nothing because a Secret went', async () => {
    const entries = { main: { code: from('bank', 'code') }, plain: { colour: 'red' } }
    desk.write('safes', 'safes', entries, { controls: { policy: 'sync' } })
    await desk.converge('safes')
    desk.secrets.kept.clear()
    await desk.converge('safes')
    assert.deepEqual([...desk.vault.safes.keys()], ['main', 'plain'])
    assert.equal(desk.vault.safes.get('main')?.codes.get('code'), 'hunter2')
    assert.equal(desk.state('safes').inventory.size, 2)
  })

  it('changes nothing while Secrets cannot be read, and is tried again', async () => {
    desk.secrets.outage = new ReconcileError('ApiServerUnreachable', 'no answer')
    const result = await desk.reconcile('safes')
    assert.equal(result.kind === 'retryable' && result.error.reason, 'ApiServerUnreachable')
    assert.deepEqual([desk.applied(), desk.vault.safes.size], [[], 0])
  })

  it('shows no change to whoever may not compare its values', async () => {
    await desk.converge('safes')
    desk.secrets.key = 'unread'
    const written = desk.documents.get('team/safes')
    assert.ok(written)
    const facts = {
      inventory: desk.state('safes').inventory,
      foreign: new Set<never>(),
      brake: { recent: new Set<string>(), inventory: 2 },
      approval: undefined,
      applies: false,
      kind: 'vault',
      secrets: desk.secrets,
      now: 0,
    }
    const { plan } = await makePlan(safes, written, new VaultClient(desk.vault), facts, never)
    assert.deepEqual([plan.changes, plan.unchanged], [[], 2])
  })

  it('leaves no value in status, events or log', async () => {
    await desk.converge('safes')
    desk.secrets.write('bank', ['vault/safes'], { code: 'correct horse' })
    desk.write(
      'safes',
      'safes',
      { main: { code: from('bank', 'code'), colour: 'blue' } },
      { controls: { policy: 'observe-only' } },
    )
    await desk.converge('safes')
    const { plan } = desk.state('safes')
    assert.match(plan?.text ?? '', /code: /)
    const all = inspect([desk.states, desk.logged, desk.announced, desk.steps, desk.metered], {
      depth: 20,
      maxStringLength: Infinity,
      maxArrayLength: Infinity,
      showHidden: true,
    })
    assert.ok(all.includes('ChangesWithheld') && !/hunter2|correct horse/.test(all))
  })
})
