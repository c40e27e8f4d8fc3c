import { glob } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { run } from 'node:test'
import { installAll, installCluster } from './support/install.ts'
import { Tally, type TestEvent } from './support/tally.ts'

/** One part of the suite: what it proves stands in test/README.md. */
interface Suite {
  readonly name: string
  readonly files: readonly string[]
  readonly concurrency: number
  /** Installs the real components that it starts, and says how that goes. */
  readonly install?: (say: (line: string) => void) => Promise<void>
}

const suites: readonly Suite[] = [
  { name: 'checks', files: ['test/checks/*.test.ts'], concurrency: 1 },
  {
    name: 'unit',
    files: ['src/**/*.test.ts', 'reconcilers/**/*.test.ts', 'test/{structure,support}/*.test.ts'],
    concurrency: availableParallelism(),
  },
  { name: 'contract', files: ['test/contract/*-fake.test.ts'], concurrency: 2 },
  {
    name: 'integration',
    files: ['test/contract/*-real.test.ts', 'test/integration/*.test.ts'],
    concurrency: 1,
    install: installAll,
  },
  { name: 'chaos', files: ['test/chaos/*.test.ts'], concurrency: 1, install: installAll },
  {
    name: 'e2e',
    files: ['test/e2e/*.test.ts', 'test/e2e/*/*.test.ts'],
    concurrency: 1,
    install: installCluster,
  },
]

/** `npm test [-- SUITE|FILE …]`: everything, the named suites, or the named files. The last line is `N passed, N failed`. */
async function main(words: readonly string[]): Promise<void> {
  const tally = new Tally((text) => process.stdout.write(text))
  const chosen = suites.filter((suite) => words.length === 0 || words.includes(suite.name))
  const named = words.filter((word) => word.endsWith('.ts'))
  const work: readonly Suite[] =
    named.length > 0 ? [{ name: 'files', files: named, concurrency: 1, install: installAll }] : chosen
  if (work.length === 0)
    throw new Error(`no such suite; there are ${suites.map(({ name }) => name).join(', ')}`)
  for (const suite of work) {
    const files = (await Array.fromAsync(glob([...suite.files]))).sort()
    if (files.length === 0) continue
    await suite.install?.((line) => process.stdout.write(`  ${line}\n`))
    tally.begin(suite.name, files.length)
    const options = { files, concurrency: suite.concurrency, execArgv: [], forceExit: false }
    const events: AsyncIterable<TestEvent> = run(options)
    for await (const event of events) tally.take(event)
  }
  process.exitCode = tally.end() ? 0 : 1
}

await main(process.argv.slice(2))
