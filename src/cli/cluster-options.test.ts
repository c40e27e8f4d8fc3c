import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { factsOf, upOf } from '../../test/support/cluster-facts.ts'
import { runCommand } from '../stack/command.ts'
import { planUp } from '../cluster/up-plan.ts'
import type { PlanStep } from '../cluster/plan.ts'
import { cli } from './cli.ts'
import { nextText } from './cluster-next.ts'
import { upChoice } from './cluster-options.ts'
import { planText } from './cluster-plan-text.ts'

let empty: string
before(async () => {
  empty = await mkdtemp(join(tmpdir(), 'infometis-options-'))
})
after(async () => rm(empty, { recursive: true }))

/** On a machine with no program at all. */
async function run(...argv: readonly string[]): Promise<{ readonly code: number; readonly err: string }> {
  let err = ''
  const code = await cli(argv, {
    out: { write: () => true },
    err: { write: (text) => (err += text) },
    input: (async function* () {
      yield ''
    })(),
    cwd: empty,
    env: { HOME: empty, PATH: empty, INFOMETIS_CACHE: empty },
    signal: new AbortController().signal,
    now: () => 0,
  })
  return { code, err }
}

describe('up and down with --on', () => {
  const digest = `a/infometis@sha256:${'0'.repeat(64)}`
  const usage: readonly (readonly [string, RegExp])[] = [
    ['up --on minikube', /Allowed choices are kind, k0s, current/],
    ['up --dry-run', /--dry-run is for a cluster: say --on/],
    ['up --no-wait', /--no-wait is for a cluster: say --on/],
    ['up --on kind --detach', /--detach is for this machine’s own stack, without --on/],
    ['up --on kind -n a', /--namespace is for this machine’s own stack/],
    ['up --on kind --name A', /a name is made of small letters/],
    ['up --on k0s --name a', /--name is the name of a kind cluster: --on kind/],
    ['up --on kind --context a', /--context chooses a cluster that is there: --on current/],
    ['up --on current --push', /--push needs --image/],
    ['up --on current --image a/infometis', /has no tag/],
    ['up --on current --push --skip-image --image a/infometis:1', /contradict each other/],
    [`up --on current --push --image ${digest}`, /a tag only/],
    ['up --on current --timeout soon', /"soon" is not a duration/],
    ['down --yes', /--yes is for a cluster: say --on/],
    ['down --on kind --context a', /--on current/],
  ]
  for (const [argv, message] of usage)
    it(`refuses ${argv.replace(digest, 'DIGEST')} with a sentence`, async () => {
      const { code, err } = await run(...argv.split(' '))
      assert.equal(code, 1)
      assert.match(err, message)
    })

  for (const [argv, programs] of [
    ['up --on kind', ['docker', 'kind', 'kubectl']],
    ['up --on kind --dry-run', ['docker', 'kind', 'kubectl']],
    ['up --on k0s', ['k0s', 'docker']],
    ['down --on kind', ['docker', 'kind']],
  ] as const)
    it(`names everything that ${argv} lacks, at once`, async () => {
      const { code, err } = await run(...argv.split(' '))
      assert.equal(code, 1)
      assert.match(err, /^error: not begun:\n/)
      assert.deepEqual(
        [...err.matchAll(/- (\w+) is missing/g)].map(([, name]) => name),
        programs,
      )
    })

  it('takes environments/dev, fifteen minutes and a wait where nothing is said', () => {
    assert.deepEqual(upChoice({ wait: true }, 'kind'), upOf())
  })
})

describe('a plan as a script', () => {
  it('is numbered, with what is written first and together what is done together', () => {
    const lines = planText(planUp(upOf(), factsOf())).split('\n')
    assert.deepEqual(
      lines.filter((each) => each.startsWith('# ')),
      [
        '# 1. Create the kind cluster infometis',
        '# 2. Build the image infometis:0.1.0',
        '# 3. Load infometis:0.1.0 into the nodes',
        '# 4. Apply the environment dev',
        '# 5. Wait for statefulset/kafka; Wait for deployment/infometis-kafka, together',
        '# 6. Ask the reconcilers for an answer',
      ],
    )
    assert.ok(lines.includes(`cat > /cache/clusters/kind-infometis-dev/kustomization.yaml <<'EOF'`))
  })

  it('does in a shell what the plan says', async () => {
    const file = join(empty, 'a b', 'in')
    const output = join(empty, 'out')
    const common = { title: 'x', deadlineMs: 1, wayOut: '' }
    const steps: readonly PlanStep[] = [
      { ...common, command: ['cat', file], write: { file, text: `it's $HOME\n` }, output },
      { ...common, command: ['cat'], stdin: '{"a": 1}' },
      { ...common, command: ['test', '-e', output], retry: true },
    ]
    const script = planText(steps.map((step) => [step]))
    const options = {
      env: { PATH: '/usr/bin:/bin' },
      deadlineMs: 20_000,
      stdin: `${script}\ncat ${output}\n`,
    }
    const { code, stdout } = await runCommand('sh', ['-eu'], options)
    assert.deepEqual([code, stdout], [0, `{"a": 1}\nit's $HOME\n`])
  })

  it('ends with commands for this very cluster', () => {
    const text = nextText(upOf({ name: 'mine' }), factsOf())
    assert.match(text, /kubectl --context kind-mine -n infometis-dev get cm/)
    assert.match(text, /Through the border: http:\/\/a\.infometis\.localhost\/\n/)
    assert.match(text, /npx infometis down --on kind --name mine/)
  })
})
