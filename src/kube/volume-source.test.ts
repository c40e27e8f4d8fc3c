import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { Log } from '../reconcile/world.ts'
import { VolumeSource } from './volume-source.ts'

const quiet: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

async function volume(
  t: TestContext,
): Promise<{ readonly directory: string; readonly source: VolumeSource; readonly told: string[] }> {
  const directory = await mkdtemp(join(tmpdir(), 'infometis-volume-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  const source = new VolumeSource({
    directory,
    namespace: 'team',
    types: [{ name: 'topics' }, { name: 'acls' }],
    log: quiet,
  })
  const told: string[] = []
  source.onChange((key) => told.push(key))
  return { directory, source, told }
}

test('files at the top are a document for each config type; other files are definitions', async (t) => {
  const { directory, source } = await volume(t)
  await writeFile(join(directory, 'topics.yaml'), 'a: {partitions: 1}')
  await writeFile(join(directory, 'acls.json.gz'), gzipSync('{"b": {}}'))
  await writeFile(join(directory, 'flow.json'), 'not: [read')
  await source.refresh()
  assert.deepEqual([source.synced(), source.keys().toSorted()], [true, ['team/acls', 'team/topics']])
  const written = source.read('team/topics')
  assert.deepEqual([written?.type, [...(written?.entries?.keys() ?? [])]], ['topics', ['a']])
  assert.deepEqual([written?.controls.policy, written?.controls.approve], ['upsert-only', undefined])
})

test('a definition is another file of the document’s directory, packed or not, and a change of it is told', async (t) => {
  const { directory, source, told } = await volume(t)
  await mkdir(join(directory, 'orders'))
  await writeFile(join(directory, 'orders', 'topics.yaml'), 'a: {}')
  await writeFile(join(directory, 'orders', 'b.json'), '{"x": 1}')
  await writeFile(join(directory, 'topics.yaml'), 'a: {}')
  await writeFile(join(directory, 'c.json.gz'), gzipSync('{"x": 2}'))
  const valueOf = (key: string, name: string): unknown => {
    const found = source.read(key)?.definition?.(name)
    return found?.ok === true ? { ...(found.value as object) } : undefined
  }
  await source.refresh()
  assert.deepEqual(valueOf('team/orders', 'b.json'), { x: 1 })
  assert.deepEqual(valueOf('team/topics', 'c.json'), { x: 2 })
  assert.equal(valueOf('team/topics', 'b.json'), undefined)
  await writeFile(join(directory, 'orders', 'b.json'), '{"x": 3}')
  await source.refresh()
  assert.deepEqual(valueOf('team/orders', 'b.json'), { x: 3 })
  assert.deepEqual(told.toSorted(), ['team/orders', 'team/orders', 'team/topics'])
})

test('a directory is a ConfigMap, mounted as the kubelet mounts it', async (t) => {
  const { directory, source, told } = await volume(t)
  await mkdir(join(directory, 'orders', '..2026'), { recursive: true })
  await writeFile(join(directory, 'orders', '..2026', 'topics.yaml'), 'a: {}')
  await symlink('..2026', join(directory, 'orders', '..data'))
  await symlink('..data/topics.yaml', join(directory, 'orders', 'topics.yaml'))
  await source.refresh()
  await source.refresh()
  assert.deepEqual(told, ['team/orders'])
  assert.equal(source.read('team/orders')?.entries?.size, 1)
})

test('a document that is wrong, doubled or gone is told as such, and a directory that vanishes takes nothing away', async (t) => {
  const { directory, source, told } = await volume(t)
  await writeFile(join(directory, 'topics.yaml'), 'a: [')
  await source.refresh()
  assert.equal(source.read('team/topics')?.issueReason, 'InvalidDocument')
  await writeFile(join(directory, 'topics.json'), '{}')
  await source.refresh()
  assert.match(source.read('team/topics')?.issues[0]?.message ?? '', /more than one document/)
  await rename(directory, `${directory}-away`)
  await source.refresh()
  assert.deepEqual(source.keys(), ['team/topics'])
  await rename(`${directory}-away`, directory)
  await rm(join(directory, 'topics.yaml'))
  await rm(join(directory, 'topics.json'))
  await source.refresh()
  assert.deepEqual(source.keys(), [])
  assert.equal(told.length, 3)
})

test('a change on the disk is seen by itself', async (t) => {
  const { directory, source, told } = await volume(t)
  const stop = new AbortController()
  const ended = source.follow(stop.signal)
  const { promise, resolve } = Promise.withResolvers<undefined>()
  source.onChange(() => resolve(undefined))
  await writeFile(join(directory, 'topics.yaml'), 'a: {}')
  await promise
  stop.abort()
  await ended
  assert.deepEqual(told, ['team/topics'])
})
