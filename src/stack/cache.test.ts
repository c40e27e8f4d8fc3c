import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { explainDisk, installed, spaceShortage } from './cache.ts'
import { identify } from './process-identity.ts'

describe('the cache of installed components', () => {
  let root: string
  let cache: string
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'infometis-cache-'))
  })
  beforeEach(async () => {
    cache = await mkdtemp(join(root, 'cache-'))
  })
  after(async () => rm(root, { recursive: true }))

  it('installs once, and then gives what is there', async () => {
    let fills = 0
    const fill = async (directory: string): Promise<void> => {
      fills += 1
      await writeFile(join(directory, 'program'), 'x')
    }
    const first = await installed({ cache, name: 'kafka-1' }, fill)
    assert.equal(await installed({ cache, name: 'kafka-1' }, fill), first)
    assert.equal(fills, 1)
    assert.deepEqual(await readdir(cache), ['kafka-1'])
  })

  it('installs once for two at the same time', async () => {
    let fills = 0
    const said: string[] = []
    const fill = async (directory: string): Promise<void> => {
      fills += 1
      await writeFile(join(directory, 'program'), 'x')
    }
    const what = { cache, name: 'kafka-1', say: (line: string) => said.push(line) }
    const [one, two] = await Promise.all([installed(what, fill), installed(what, fill)])
    assert.equal(one, two)
    assert.equal(fills, 1)
    assert.match(said.join('\n'), /^waiting for pid \d+, which installs kafka-1$/)
  })

  it('leaves nothing behind under the name when filling fails, and begins anew', async () => {
    const fail = async (directory: string): Promise<void> => {
      await writeFile(join(directory, 'half'), 'x')
      throw new Error('the network went')
    }
    await assert.rejects(installed({ cache, name: 'etcd-1' }, fail), /the network went/)
    const directory = await installed({ cache, name: 'etcd-1' }, async (fresh) =>
      writeFile(join(fresh, 'whole'), 'x'),
    )
    assert.deepEqual(await readdir(directory), ['whole'])
  })

  it('takes over the lock of a process that was killed, half an installation included', async () => {
    await writeFile(
      join(cache, 'etcd-1.lock'),
      JSON.stringify({ name: 'infometis', pid: 2 ** 22 + 1, startTicks: '1' }),
    )
    const directory = await installed({ cache, name: 'etcd-1' }, async (fresh) =>
      writeFile(join(fresh, 'whole'), 'x'),
    )
    assert.equal(await readFile(join(directory, 'whole'), 'utf8'), 'x')
  })

  it('does not wait for a lock beyond the abort', async () => {
    const holder = await identify('infometis', process.pid)
    await writeFile(join(cache, 'etcd-1.lock'), JSON.stringify(holder))
    const signal = AbortSignal.timeout(50)
    await assert.rejects(
      installed({ cache, name: 'etcd-1', signal }, async () => undefined),
      { name: 'AbortError' },
    )
  })

  for (const error of [
    Object.assign(new Error('write'), { code: 'ENOSPC' }),
    new Error('building etcd failed: write /tmp/x: no space left on device'),
  ]) {
    it(`says what to do about a full disk: ${error.message}`, () => {
      assert.throws(
        () => explainDisk('/cache')(error),
        /the disk of \/cache is full: make room, or set INFOMETIS_CACHE/,
      )
    })
  }

  it('hands on every other error as it is', () => {
    const error = new Error('other')
    assert.throws(() => explainDisk('/cache')(error), error)
  })

  it('asks for 3 GiB before it installs', () => {
    assert.equal(spaceShortage(3 * 1024 ** 3, '/cache'), undefined)
    assert.equal(
      spaceShortage(1.25 * 1024 ** 3, '/cache'),
      '/cache has 1.3 GiB left and installing needs 3 GiB: make room, or set INFOMETIS_CACHE to another disk',
    )
  })
})
