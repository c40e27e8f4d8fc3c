import { readFile } from 'node:fs/promises'
import { projectFile } from '../../../src/stack/project.ts'
import { startBareNode } from '../bare-node.ts'
import type { Bench } from '../bench.ts'
import { desired } from '../desired.ts'
import { topicSpecs, topicsDocument } from '../topics.ts'
import { say, sayRatio, saySpread, type Row } from '../row.ts'
import { spreadOf } from '../statistics.ts'

/** ConfigMaps that are there, with their status, when the process starts. */
const configMaps = 10

/** Process start → caches synced. */
export async function start(bench: Bench): Promise<readonly Row[]> {
  const kafka = await bench.kafka()
  const namespace = await bench.namespace(kafka)
  const view = await bench.view(namespace)
  const topics = topicSpecs('start', configMaps, 1)
  for (const topic of topics) await bench.desk.create(namespace, desired(topic.name, topicsDocument([topic])))
  const first = await bench.reconciler({ namespace, component: kafka })
  await view.until('all to be ready', () => topics.every(({ name }) => view.ready(name) === 'True'))
  await first.stop()
  const [ours, bare]: [number[], number[]] = [[], []]
  for (let run = 0; run < bench.pick({ quick: 5, default: 10, full: 20 }); run += 1) {
    const reconciler = await bench.reconciler({ namespace, component: kafka })
    ours.push(reconciler.readyAfter)
    await reconciler.stop()
    bare.push(await startBare(bench))
  }
  return [startRow(ours, bare), await sizeRow()]
}

async function startBare(bench: Bench): Promise<number> {
  const { child, readyAfter } = await startBareNode(bench)
  await child.stop(1_000)
  return readyAfter
}

function startRow(ours: readonly number[], bare: readonly number[]): Row {
  return {
    what: 'process start → caches synced',
    measured: saySpread(ours, 's'),
    bare: saySpread(bare, 's'),
    ratio: sayRatio(ours, bare),
    target: '≤ 1 s',
    met: spreadOf(ours).median <= 1_000,
    how: `${ours.length} starts, from the spawn to the first 200 of /ready (ConfigMaps listed, watch begun, broker pinged), asked every 2 ms; ${configMaps} ConfigMaps. Bare: Node until its HTTP server answers.`,
  }
}

interface Output {
  readonly bytes: number
  readonly entryPoint?: string
  readonly imports: readonly { readonly path: string; readonly kind: string }[]
}

type Outputs = Readonly<Record<string, Output>>

/** What `run kafka` loads: the program and the two files that it imports when it is asked for. */
const loaded: ReadonlySet<string> = new Set([
  'src/main.ts',
  'src/cli/run.ts',
  'reconcilers/kafka/reconciler.ts',
])

/** By the bundler's own account; older chunks that lie beside its output do not count. */
async function sizeRow(): Promise<Row> {
  const text = await readFile(projectFile('dist', 'meta.json'), 'utf8')
  const { outputs } = JSON.parse(text) as { readonly outputs: Outputs }
  const code = Object.keys(outputs).filter((path) => /\.m?js$/.test(path))
  const entries = code.filter((path) => loaded.has(outputs[path]?.entryPoint ?? ''))
  const files = new Set<string>()
  for (const path of entries) addWithImports(path, outputs, files)
  return {
    what: 'bundle: what `run kafka` loads',
    measured: say(bytesOf(files, outputs), 'kB'),
    bare: '–',
    ratio: '–',
    target: '–',
    met: undefined,
    how: `${files.size} files of dist/, source maps not counted; all ${code.length} have ${say(bytesOf(code, outputs), 'MB')}, the rest is for other commands.`,
  }
}

function addWithImports(path: string, outputs: Outputs, files: Set<string>): void {
  const output = outputs[path]
  if (output === undefined || files.has(path)) return
  files.add(path)
  for (const each of output.imports) {
    if (each.kind === 'import-statement') addWithImports(each.path, outputs, files)
  }
}

function bytesOf(files: Iterable<string>, outputs: Outputs): number {
  return [...files].reduce((sum, path) => sum + (outputs[path]?.bytes ?? 0), 0)
}
