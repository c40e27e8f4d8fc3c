import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { z } from 'zod'
import { FakeGrafana } from '../../reconcilers/grafana/fake.ts'
import { startSimulated } from '../../reconcilers/grafana/stack/simulated.ts'
import { environment } from '../../src/config.ts'
import { at, textAt } from '../../src/core/members.ts'
import { runCommand, type CommandResult } from '../../src/stack/command.ts'
import { waitUntil } from '../../src/stack/deadline.ts'
import { ask, type HttpAccess } from '../../src/stack/http.ts'
import { processesMarked } from '../../src/stack/process-identity.ts'
import { projectFile } from '../../src/stack/project.ts'
import { readRecord } from '../../src/stack/stack-record.ts'
import { clearGrafana } from '../support/grafana-bystander.ts'
import { inOwnDirectory } from '../support/own-directory.ts'
import { marked, testLaunch } from '../support/places.ts'

describe('the simulated Grafana of the local stack', { timeout: 120_000 }, () => {
  it('knows its token and nobody else, keeps what it was told over kill and stop, and goes whole', async () => {
    const { mark, launch } = marked()
    await inOwnDirectory('grafana', async ({ directory }, clean) => {
      const grafana = await startSimulated({ directory, launch })
      try {
        assert.equal((await stat(grafana.tokenFile)).mode & 0o777, 0o600)
        const token = await readFile(grafana.tokenFile, 'utf8')
        const status = async (access: Omit<HttpAccess, 'url'>): Promise<number> =>
          (await ask({ url: grafana.url, ...access }, { method: 'GET', path: '/api/folders/kafka' })).status
        const folder = { uid: 'kafka', title: 'Kafka' }
        const made = { method: 'POST', path: '/api/folders', body: folder }
        assert.equal((await ask({ url: grafana.url }, made)).status, 401)
        assert.equal((await ask({ url: grafana.url, token: 'another' }, made)).status, 401)
        assert.equal(await status({ token }), 404)
        assert.equal((await ask({ url: grafana.url, token }, made)).status, 200)

        assert.equal((await stat(join(directory, 'simulated-grafana.json'))).mode & 0o777, 0o600)
        await grafana.kill()
        await grafana.start()
        assert.equal(await status({ token }), 200)
        await grafana.stop()
        const again = await startSimulated({ directory, launch })
        try {
          assert.equal(await readFile(again.tokenFile, 'utf8'), token)
          const { body } = await ask(
            { url: again.url, auth: `ada:${token}` },
            { method: 'GET', path: '/api/folders/kafka' },
          )
          assert.equal(textAt(body, 'title'), 'Kafka')
        } finally {
          await again.kill()
        }
      } finally {
        await grafana.kill()
        await clean()
      }
    })
    assert.deepEqual(await processesMarked(mark), [])
  })

  it('is emptied of what a test made, the folders too', async () => {
    const grafana = new FakeGrafana()
    const folder = { uid: 'infometis-made', title: 'Made' }
    assert.equal(grafana.ask('POST', '/api/folders', folder).status, 200)
    await clearGrafana(
      async (...asked) => Promise.resolve(grafana.ask(...asked)),
      [folder.uid, 'infometis-never'],
    )
    assert.equal(grafana.ask('GET', `/api/folders/${folder.uid}`).status, 404)
  })

  it('says in its own log why it does not start', async () => {
    await inOwnDirectory('grafana', async ({ directory, launch }, clean) => {
      const first = await startSimulated({ directory, launch })
      await first.stop()
      await writeFile(join(directory, 'simulated-grafana.json'), 'nothing of it')
      await assert.rejects(
        startSimulated({ directory, launch }),
        /grafana-simulated ended with exit code 1 while starting; its log \S+ ends:[\s\S]*remove it, and it is begun anew/,
      )
      await clean()
    })
  })
})

const main = projectFile('src', 'main.ts')
const ports = ['--api-port', '0', '--grafana-port', '0']
const desired = ['folders', 'datasources', 'dashboards', 'alert-rules']
const dashboard = z.looseObject({ spec: z.looseObject({ title: z.string() }) })

describe('infometis up --services grafana', { timeout: 300_000 }, () => {
  let home: string
  const runDirectory = (): string => join(home, 'stack')
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'infometis-grafana-up-'))
  })
  after(async () => {
    await infometis('down')
    await rm(home, { recursive: true, force: true })
  })

  let url = ''
  const infometis = async (...args: readonly string[]): Promise<CommandResult> => {
    const { INFOMETIS_CACHE: cache, HOME: own = '/', ...env } = environment()
    // Whatever Grafana the suites may have is not this stack's.
    const others = Object.entries(env).filter(([name]) => !name.startsWith('GRAFANA_'))
    const settings = {
      HOME: home,
      INFOMETIS_CACHE: cache ?? join(own, '.cache', 'infometis'),
      INFOMETIS_STACK_DIR: runDirectory(),
      GRAFANA_URL: url,
      // Found from wherever its reconciler runs.
      GRAFANA_TOKEN_FILE: url === '' ? '' : 'theirs/token',
      KUBECONFIG: '',
    }
    return runCommand(process.execPath, [main, ...args], {
      env: { ...Object.fromEntries(others), ...settings },
      cwd: home,
      deadlineMs: 180_000,
    })
  }
  const given = async (): Promise<{ readonly url: string; readonly token: string }> => {
    const { GRAFANA_URL: url = '', GRAFANA_TOKEN_FILE: file = '' } =
      (await readRecord(runDirectory()))?.environment ?? {}
    return { url, token: await readFile(file, 'utf8') }
  }
  /** As a person does it in Grafana's pages. */
  const asAda = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const { url, token } = await given()
    const answer = await ask({ url, auth: `ada:${token}` }, { method, path, body })
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    return answer.body
  }

  const plainly = /Grafana is simulated: http:\/\/127\.0\.0\.1:\d+ .*set GRAFANA_URL/

  it('says that it is the simulated API and how to name a real one, and makes it as Git says', async () => {
    const { code, stdout, stderr } = await infometis('up', '--detach', '--services', 'grafana', ...ports)
    assert.equal(code, 0, stdout + stderr)
    assert.match(stdout, /Grafana: http:\/\/127\.0\.0\.1:\d+ \(the simulated API, not Grafana\)/)
    assert.match(stdout, plainly)
    for (const type of desired) assert.match(stdout, new RegExp(`grafana-${type}-desired: ready True`))
  })

  it('says so again with every look at the stack, and its token nowhere', async () => {
    const said = [await infometis('status'), await infometis('up'), await infometis('env')]
    for (const { stdout, stderr } of said.slice(0, 2)) assert.match(stdout + stderr, plainly)
    const files = ['stack.log', 'stack/stack.json', 'stack/reconciler-grafana.log']
    const texts = await Promise.all(files.map(async (file) => readFile(join(home, file), 'utf8')))
    const all = [...said.flatMap(({ stdout, stderr }) => [stdout, stderr]), ...texts].join('\n')
    const { token } = await given()
    assert.ok(token.length > 20 && !all.includes(token))
  })

  it('has nothing left to plan', async () => {
    const { code, stdout, stderr } = await infometis(
      'plan',
      '-f',
      projectFile('environments/dev/desired/grafana'),
    )
    assert.equal(code, 0, stdout + stderr)
    assert.match(stdout, /No changes: \d+ as written/)
  })

  it('keeps what somebody made of a dashboard, whose it is, and repairs it, over the end of the server', async () => {
    const path = '/apis/dashboard.grafana.app/v0alpha1/namespaces/default/dashboards/infometis'
    const live = dashboard.parse(await asAda('GET', path))
    await asAda('PUT', path, { ...live, spec: { ...live.spec, title: 'By hand' } })
    const simulated = (await readRecord(runDirectory()))?.children.find(
      ({ name }) => name === 'grafana-simulated',
    )
    assert.ok(simulated)
    process.kill(simulated.pid, 'SIGKILL')
    const isRepaired = async (): Promise<boolean> => {
      const body = await asAda('GET', path).catch(() => undefined)
      return at(body, 'spec', 'title') === live.spec.title
    }
    await waitUntil(isRepaired, { what: 'the dashboard to be as in Git', deadlineMs: 90_000, everyMs: 250 })
    const { stdout, stderr } = await infometis('originals')
    assert.match(stdout, /^dashboards\/infometis .* user:ada /m, stderr)
  })

  it('takes the one that GRAFANA_URL names in its place, and ends nothing of it', async () => {
    assert.equal((await infometis('down')).code, 0)
    const theirs = await startSimulated({ directory: join(home, 'theirs'), launch: testLaunch() })
    try {
      url = theirs.url
      const { code, stdout, stderr } = await infometis('up', '--detach', '--services', 'grafana', ...ports)
      assert.equal(code, 0, stdout + stderr)
      assert.ok(stdout.includes(`Grafana: ${theirs.url} (as GRAFANA_URL says)`), stdout)
      assert.doesNotMatch(stdout, /simulated/)
      for (const type of desired) assert.match(stdout, new RegExp(`grafana-${type}-desired: ready True`))
      const status = await infometis('status')
      assert.match(status.stderr, /Using the local stack/, 'its own settings point at it')
      assert.equal((await infometis('down')).code, 0)
      const token = await readFile(theirs.tokenFile, 'utf8')
      const folder = { method: 'GET', path: '/api/folders/infometis' }
      const { body } = await ask({ url: theirs.url, token }, folder)
      assert.equal(textAt(body, 'title'), 'InfoMetis')
    } finally {
      await theirs.kill()
    }
  })
})
