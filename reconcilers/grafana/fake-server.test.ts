import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { at, textAt } from '../../src/core/members.ts'
import { ReconcileError } from '../../src/errors.ts'
import { type RunningFake, serveFakeGrafana } from './fake-server.ts'

const token = 'glsa_test'
const bearer = { authorization: `Bearer ${token}` }

function basic(name: string, password: string): Readonly<Record<string, string>> {
  return { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` }
}

describe('the simulated Grafana API over HTTP', () => {
  let directory = ''
  let running: RunningFake

  const start = async (): Promise<RunningFake> =>
    serveFakeGrafana({ host: '127.0.0.1', port: 0, directory, token, users: { admin: 'geheim:1' } })
  const ask = async (path: string, init: RequestInit = { headers: bearer }): Promise<Response> =>
    fetch(`${running.url}${path}`, { ...init, redirect: 'manual', signal: AbortSignal.timeout(10_000) })
  const made = async (uid: string): Promise<Response> =>
    ask('/api/datasources', {
      method: 'POST',
      headers: basic('admin', 'geheim:1'),
      body: JSON.stringify({
        ...{
          uid,
          name: uid,
          type: 'loki',
          access: 'proxy',
          url: 'http://l',
          secureJsonData: { password: 'x' },
        },
      }),
    })

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'infometis-fake-grafana-'))
    running = await start()
  })
  after(async () => {
    await running.close()
    await rm(directory, { recursive: true })
  })

  void it('knows its service account and its users, and nobody else', async () => {
    const status = async (headers: Record<string, string>) => (await ask('/api/org', { headers })).status
    assert.equal(await status(bearer), 200)
    assert.equal(await status(basic('admin', 'geheim:1')), 200)
    assert.equal(await status(basic('ada', token)), 200)
    for (const headers of [
      {},
      { authorization: 'Bearer other' },
      basic('admin', 'x'),
      basic('toString', 'x'),
      basic('admin', token),
    ])
      assert.equal(await status(headers), 401)
    assert.equal(await status({ ...bearer, 'x-grafana-org-id': '2' }), 401)
    assert.equal(textAt(await (await ask('/api/user')).json(), 'login'), 'sa-1-infometis')
  })

  void it('says plainly what it is not, and has figures', async () => {
    for (const path of ['/', '/login', '/d/kafka/kafka']) {
      const answer = await ask(path, {})
      assert.equal(answer.status, 200)
      assert.match(await answer.text(), /Simulated Grafana API of InfoMetis, not Grafana/)
    }
    assert.equal((await ask('/nothing', {})).status, 404)
    assert.match(await (await ask('/metrics', {})).text(), /^grafana_build_info\{.*\} 1$/m)
    assert.equal(await (await ask('/healthz', {})).text(), 'Ok')
  })

  void it('answers as the API does: JSON, text, nothing, and a warning', async () => {
    assert.match((await ask('/api/health', {})).headers.get('content-type') ?? '', /^application\/json/)
    const broken = await ask('/api/datasources', { method: 'POST', headers: bearer, body: '{"name":' })
    assert.equal(broken.status, 400)
    const rule = await ask('/api/v1/provisioning/alert-rules/none')
    assert.deepEqual([rule.status, await rule.text()], [404, ''])
    assert.match((await ask('/api/v1/provisioning/alert-rules')).headers.get('warning') ?? '', /^299/)
  })

  void it('remembers over a restart, and nobody else can read what it keeps', async () => {
    assert.equal((await made('ds')).status, 200)
    const before = at(await (await ask('/api/datasources/uid/ds')).json(), 'id')
    // Nothing is written at its end: it may be killed.
    const kept = await readFile(join(directory, 'simulated-grafana.json'), 'utf8')
    assert.match(kept, /"ds"/)
    await running.close()
    running = await start()
    const answer = await (await ask('/api/datasources/uid/ds')).json()
    assert.deepEqual([at(answer, 'id'), at(answer, 'secureJsonFields')], [before, { password: true }])
    const next: unknown = await (await made('next')).json()
    assert.ok(Number(at(next, 'id')) > Number(before))
    const { mode } = await stat(join(directory, 'simulated-grafana.json'))
    assert.equal(mode & 0o077, 0)
  })

  void it('keeps again what it is told once its directory is good again', async () => {
    // A directory in the place of the file: writing it fails.
    const blocked = join(directory, 'simulated-grafana.json.new')
    await mkdir(blocked)
    assert.equal((await made('blocked')).status, 500)
    await rmdir(blocked)
    assert.equal((await made('kept')).status, 200)
    assert.match(await readFile(join(directory, 'simulated-grafana.json'), 'utf8'), /"kept"/)
  })

  void it('says where what it kept is broken', async () => {
    const file = join(directory, 'simulated-grafana.json')
    await running.close()
    const kept = await readFile(file)
    await writeFile(file, '{"data":')
    await assert.rejects(
      start(),
      (error) => error instanceof ReconcileError && error.message.includes(`${file} is no JSON`),
    )
    await writeFile(file, kept)
    running = await start()
    assert.equal((await ask('/api/datasources/uid/ds')).status, 200)
  })
})
