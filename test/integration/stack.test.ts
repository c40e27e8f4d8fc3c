import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { Kafka, logLevel } from 'kafkajs'
import { z } from 'zod'
import { runCommand, type CommandResult } from '../../src/stack/command.ts'
import { waitUntil } from '../../src/stack/deadline.ts'
import { isRunning, processesMarked } from '../../src/stack/process-identity.ts'
import { projectFile } from '../../src/stack/project.ts'
import { readRecord, type StackRecord } from '../../src/stack/stack-record.ts'
import { environment } from '../../src/config.ts'

const main = projectFile('src', 'main.ts')
const services = ['kafka', 'elasticsearch', 'nifi']
const anyPort = ['api', ...services].flatMap((name) => [`--${name}-port`, '0'])

describe('infometis up, env and down', { timeout: 300_000 }, () => {
  let home: string
  let runDirectory: string

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'infometis-stack-'))
    runDirectory = join(home, 'stack')
  })
  after(async () => {
    await infometis('down')
    await rm(home, { recursive: true, force: true })
  })

  const env = (): Record<string, string | undefined> => ({
    ...environment(),
    INFOMETIS_STACK_DIR: runDirectory,
    // One that the suites may have is not this stack's.
    GRAFANA_URL: undefined,
  })
  const infometis = async (...args: readonly string[]): Promise<CommandResult> =>
    runCommand(process.execPath, [main, ...args], { env: env(), deadlineMs: 180_000 })
  const shell = async (script: string): Promise<CommandResult> =>
    runCommand('sh', ['-c', `eval "$(${process.execPath} ${main} env)" && ${script}`], {
      env: env(),
      deadlineMs: 60_000,
    })
  const record = async (): Promise<StackRecord> => {
    const found = await readRecord(runDirectory)
    assert.ok(found, 'a stack is on record')
    return found
  }
  const child = (of: StackRecord, name: string): StackRecord['up'] => {
    const found = of.children.find((each) => each.name === name)
    assert.ok(found, `${name} is on record`)
    return found
  }

  it('starts everything, and what is desired becomes Ready', async () => {
    const { code, stdout, stderr } = await infometis('up', '--detach', ...anyPort)
    assert.equal(code, 0, stdout + stderr)
    assert.match(stdout, /The stack is up after/)
    assert.match(stdout, /kafka-topics-desired: ready True/)
    assert.match(
      stdout,
      /Grafana: left out; set GRAFANA_URL to one, or take its simulated API with --services kafka,/,
    )
    for (const type of ['component-templates', 'index-templates', 'indices'])
      assert.match(stdout, new RegExp(`elasticsearch-${type}-desired: ready True`))
    for (const type of ['parameter-contexts', 'flows'])
      assert.match(stdout, new RegExp(`nifi-${type}-desired: ready True`))
  })

  it('points a shell at the API, with the kubectl of its version, and at Kafka', async () => {
    const { stdout, stderr } = await shell(
      'kubectl version && echo "$KAFKA_BOOTSTRAP_SERVERS" && kubectl get cm kafka-topics-desired -o name',
    )
    assert.match(stdout, /Client Version: (v\S+)\n[\s\S]*Server Version: \1\n/, stderr)
    assert.match(stdout, /configmap\/kafka-topics-desired/)
    const [brokers = ''] = /127\.0\.0\.1:\d+/.exec(stdout) ?? []
    const admin = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    try {
      assert.ok((await admin.listTopics()).includes('user-events'))
    } finally {
      await admin.disconnect()
    }
  })

  it('points a shell at Elasticsearch, where the indices are as desired', async () => {
    const { stdout, stderr } = await shell('echo "$ELASTICSEARCH_URL"; echo "$EXPECTED_CLUSTER_ID"')
    const [url = '', expected] = stdout.split('\n')
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/, stderr)
    assert.equal(expected, '', 'the id of one cluster would be wrong for the other')
    const response = await fetch(`${url}/orders/_alias`)
    assert.deepEqual(Object.keys(z.record(z.string(), z.unknown()).parse(await response.json())), [
      'orders-000001',
    ])
  })

  it('tells each reconciler the cluster that it is for', async () => {
    const expected = await Promise.all(
      services.map(async (service) => {
        const { pid } = child(await record(), `reconciler-${service}`)
        const variables = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0')
        return variables.find((each) => each.startsWith('EXPECTED_CLUSTER_ID='))
      }),
    )
    assert.ok(expected.every((each) => each !== undefined))
    assert.equal(new Set(expected).size, services.length)
  })

  it('says on a second up that one is running, with its pid and since when', async () => {
    const { code, stdout } = await infometis('up', ...anyPort)
    const { up, startedAt } = await record()
    assert.equal(code, 0)
    assert.ok(stdout.includes(`pid ${up.pid}, since ${startedAt}`), stdout)
  })

  it('starts the reconciler again when it is killed', async () => {
    const before = child(await record(), 'reconciler-kafka')
    process.kill(before.pid, 'SIGKILL')
    const isAnother = async (): Promise<boolean> =>
      child(await record(), 'reconciler-kafka').pid !== before.pid
    await waitUntil(isAnother, { what: 'another reconciler', deadlineMs: 30_000 })
    assert.equal(await isRunning(child(await record(), 'reconciler-kafka')), true)
  })

  it('leaves no process behind when up is killed and down follows', async () => {
    const before = await record()
    process.kill(before.up.pid, 'SIGKILL')
    await waitUntil(async () => !(await isRunning(before.up)), { what: 'the end of up', deadlineMs: 5_000 })
    assert.ok((await processesMarked(before.mark)).length >= 4, 'the orphans are there')
    const told = await infometis('env')
    assert.equal(told.code, 2)
    assert.match(told.stderr, /No stack runs: start one with/)

    const { code, stdout, stderr } = await infometis('down')
    assert.equal(code, 0, stderr)
    for (const name of ['etcd', 'kube-apiserver', 'kafka-1', 'elasticsearch', 'nifi', 'reconciler-kafka'])
      assert.ok(stdout.includes(name), stdout)
    assert.deepEqual(await processesMarked(before.mark), [])
    assert.deepEqual(
      await Promise.all(before.children.map(isRunning)),
      before.children.map(() => false),
    )
    assert.equal(existsSync(runDirectory), false)
  })

  it('starts only the services that are named, and applies nothing of the others', async () => {
    const { code, stdout, stderr } = await infometis(
      'up',
      '--detach',
      '--services',
      'elasticsearch',
      ...anyPort,
    )
    assert.equal(code, 0, stdout + stderr)
    assert.match(stdout, /elasticsearch-indices-desired: ready True/)
    assert.doesNotMatch(stdout, /kafka/i)
    const names = (await record()).children.map(({ name }) => name)
    assert.deepEqual(
      names.filter((name) => name.includes('kafka')),
      [],
    )
    assert.equal((await infometis('down')).code, 0)
  })

  it('ends the orphans of a killed up by itself when up is run again, and stops at SIGINT', async () => {
    assert.equal((await infometis('up', '--detach', '--services', '', ...anyPort)).code, 0)
    const first = await record()
    process.kill(first.up.pid, 'SIGKILL')
    await waitUntil(async () => !(await isRunning(first.up)), { what: 'the end of up', deadlineMs: 5_000 })

    const again = spawn(process.execPath, [main, 'up', '--services', '', ...anyPort], {
      env: env(),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    again.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
    await waitUntil(async () => said.includes('The stack is up'), { what: 'the stack', deadlineMs: 60_000 })
    assert.match(said, /Ended what an earlier stack had left: .*etcd/)
    assert.deepEqual(await processesMarked(first.mark), [])
    const second = await record()

    again.kill('SIGINT')
    assert.deepEqual(await once(again, 'exit'), [0, null])
    assert.match(said, /Stopped\.\n$/)
    assert.deepEqual(await processesMarked(second.mark), [])
  })

  for (const detach of [false, true]) {
    const where = detach ? 'in the background' : 'in the foreground'
    it(`names an occupied port, who has it and the option that chooses another, and starts nothing, ${where}`, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      const address = server.address()
      assert.ok(address !== null && typeof address === 'object')
      const ports = [...anyPort, '--kafka-port', String(address.port)]
      try {
        const { code, stdout, stderr } = await infometis('up', ...(detach ? ['--detach'] : []), ...ports)
        assert.equal(code, 1)
        const said = stdout + stderr
        assert.ok(said.includes(`port ${address.port}, wanted by Kafka, is taken by`), said)
        assert.ok(said.includes(`(pid ${process.pid})`) && said.includes('--kafka-port'), said)
        assert.equal(stderr.includes(`${runDirectory}.log`), detach, stderr)
        assert.equal(await readRecord(runDirectory), undefined)
      } finally {
        server.close()
      }
    })
  }

  it('says that there is nothing to stop', async () => {
    const { code, stdout } = await infometis('down')
    assert.equal(code, 0)
    assert.equal(stdout, 'No stack runs.\n')
  })
})
