import { execFile } from 'node:child_process'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { promisify } from 'node:util'
import { projectFile } from '../../src/stack/project.ts'
import { Bench } from './bench.ts'
import { memoryDisk } from './memory-disk.ts'
import { readOptions, usage, type Options } from './options.ts'
import type { Row } from './row.ts'
import { groups, type Group } from './rows/index.ts'
import { renderTable, writeTable } from './table.ts'

/** Measures the targets against real components. Everything it starts ends with it, also on Ctrl-C. */
async function main(words: readonly string[]): Promise<void> {
  const options = readOptions(words, new Date().toISOString().slice(0, 10))
  if (options.help) {
    say(usage)
    return
  }
  const chosen = choose(options.only)
  const abort = new AbortController()
  // Once each: a second signal ends this process at once, and the kernel ends its children.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => abort.abort(new Error(`stopped by ${signal}`)))
  }
  await promisify(execFile)(process.execPath, [projectFile('src', 'bootstrap.mjs'), '--build'])
  const bench = await Bench.open(options, abort.signal)
  try {
    const rows = await measure(bench, chosen)
    const table = renderTable(rows, machine(options, await memoryDisk()))
    say(`\n${table}`)
    if (options.write) await writeTable(projectFile('README.md'), table)
  } finally {
    await bench.close()
  }
}

async function measure(bench: Bench, chosen: readonly (readonly [string, Group])[]): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const [name, group] of chosen) {
    const started = performance.now()
    say(`${name} …`)
    try {
      for (const row of await group(bench)) {
        rows.push(row)
        say(
          `  ${row.what}: ${row.measured}; bare ${row.bare}; ratio ${row.ratio}; target ${row.target}${verdict(row)}`,
        )
      }
    } finally {
      await bench.endGroup()
    }
    say(`  (${Math.round((performance.now() - started) / 1_000)} s)`)
  }
  return rows
}

function verdict({ met }: Row): string {
  if (met === undefined) return ''
  return met ? ': met' : ': MISSED'
}

function choose(only: readonly string[]): readonly (readonly [string, Group])[] {
  const unknown = only.filter((name) => !Object.hasOwn(groups, name))
  if (unknown.length > 0) {
    throw new Error(`no such rows: ${unknown.join(', ')}; there are ${Object.keys(groups).join(', ')}`)
  }
  return Object.entries(groups).filter(([name]) => only.length === 0 || only.includes(name))
}

function machine({ date, size }: Options, disk: string | undefined): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown CPU'
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${date}, \`npm run bench${size === 'default' ? '' : ` -- --${size}`}\`: ${model}, ${availableParallelism()} cores, ${memory} GiB; Node ${process.version}; one Kafka 4.3.1 or one Elasticsearch (8.19.21; for reindex 7.17.29), each with a heap of 1 GiB, or one NiFi 2.3.0 with 512 MiB; the data of Elasticsearch and NiFi ${disk === undefined ? 'on disk' : 'in memory'}; kube-apiserver 1.34.4, etcd without fsync; all of it, and the benchmark itself, on these cores.`
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

await main(process.argv.slice(2))
