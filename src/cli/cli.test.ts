import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cli } from './cli.ts'

interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

async function run(...argv: readonly string[]): Promise<Ended> {
  let out = ''
  let err = ''
  const code = await cli(argv, {
    out: { write: (text) => (out += text) },
    err: { write: (text) => (err += text) },
    input: nothing(),
    cwd: import.meta.dirname,
    env: { HOME: import.meta.dirname },
    signal: new AbortController().signal,
    now: () => 0,
  })
  return { code, out, err }
}

async function* nothing(): AsyncIterable<string> {
  yield ''
}

const commands = [
  'approve',
  'down',
  'env',
  'forget',
  'import',
  'originals',
  'plan',
  'run',
  'schema',
  'status',
  'up',
  'validate',
]

describe('the command line', () => {
  it('says what it can do when asked nothing, and that nothing was asked', async () => {
    const { code, out, err } = await run()
    assert.equal(code, 1)
    assert.equal(out, '')
    for (const command of commands) assert.match(err, new RegExp(`^  ${command}\\b`, 'm'))
  })

  it('prints its help on standard output and ends well', async () => {
    const { code, out, err } = await run('--help')
    assert.deepEqual([code, err], [0, ''])
    assert.match(out, /Exit codes: 0 good; 2 not/)
  })

  for (const command of commands) {
    it(`has help for ${command}, with a line for each option`, async () => {
      const { code, out } = await run(command, '--help')
      assert.equal(code, 0)
      assert.match(out, new RegExp(`^Usage: infometis ${command}`))
    })
  }

  it('names the nearest command and all known ones for one it does not know', async () => {
    const { code, err } = await run('statsu')
    assert.equal(code, 1)
    assert.match(err, /unknown command 'statsu'/)
    assert.match(err, /Did you mean status\?/)
    assert.match(
      err,
      /Known commands: approve, down, env, forget, import, originals, plan, run, schema, status, up, validate/,
    )
  })

  const usage: readonly { readonly argv: readonly string[]; readonly message: RegExp }[] = [
    { argv: ['plan'], message: /required option '-f, --file <path>' not specified/ },
    {
      argv: ['plan', '-f', 'x', '--policy', 'all'],
      message: /Allowed choices are upsert-only, sync, observe-only/,
    },
    { argv: ['plan', '-f', 'x', '--timeout', 'soon'], message: /"soon" is not a duration/ },
    { argv: ['validate', '-f', 'nowhere'], message: /nowhere: no such file or directory/ },
    {
      argv: ['validate', '-f', 'cli.ts', '-s', 'kafak'],
      message: /unknown service "kafak"; did you mean "kafka"\?/,
    },
    {
      argv: ['import', 'postgres'],
      message: /unknown service "postgres"\. Known: elasticsearch, grafana, kafka, nifi/,
    },
    { argv: ['import', 'kafka', '--match', '('], message: /is not a regular expression/ },
    { argv: ['import', 'kafka'], message: /KAFKA_BOOTSTRAP_SERVERS.*\n.*infometis env/ },
    { argv: ['run', 'kafak'], message: /unknown service "kafak"; did you mean "kafka"\?/ },
    {
      argv: ['schema', 'topic'],
      message: /unknown config type "topic"; did you mean "topics"\? Known: .*indices.*topics/,
    },
    { argv: ['status'], message: /no cluster: KUBECONFIG is not set and .*\n.*eval "\$\(infometis env\)"/ },
    { argv: ['status', '-o', 'yaml'], message: /Allowed choices are json, wide/ },
  ]
  for (const { argv, message } of usage) {
    it(`ends ${argv.join(' ')} with 1 and a sentence`, async () => {
      const { code, out, err } = await run(...argv)
      assert.equal(code, 1)
      assert.equal(out, '')
      assert.match(err, message)
    })
  }

  it('prints the JSON Schema of a whole document', async () => {
    const { code, out } = await run('schema', 'topics')
    assert.equal(code, 0)
    const schema: unknown = JSON.parse(out)
    assert.ok(typeof schema === 'object' && schema !== null && 'additionalProperties' in schema)
    assert.deepEqual(Object.entries(schema).slice(0, 2), [
      ['$schema', 'https://json-schema.org/draft/2020-12/schema'],
      ['title', 'kafka topics'],
    ])
    assert.match(JSON.stringify(schema.additionalProperties), /replication-factor/)
  })
})
