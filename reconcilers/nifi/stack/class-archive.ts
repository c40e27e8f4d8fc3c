import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { createHash } from 'node:crypto'
import { installed, type InstallOptions } from '../../../src/stack/cache.ts'
import { runCommand } from '../../../src/stack/command.ts'
import { classPath, jvmArguments } from './jvm.ts'
import { prepareNode } from './node.ts'
import { noSecurity } from './security.ts'

export interface ArchivedProgram {
  readonly java: string
  readonly home: string
}

/**
 * A class data sharing archive: the 15,000 classes that a start loads, parsed and verified once. It belongs to one build of Java,
 * which ignores it where anything does not fit. Made from what a first start loads; undefined when this Java cannot make one.
 */
export async function classArchive(
  program: ArchivedProgram,
  options: InstallOptions,
): Promise<string | undefined> {
  const { places, launch, signal, say } = options
  const run = { env: launch.env, deadlineMs: 300_000, signal }
  const { stderr: build } = await runCommand(program.java, ['-version'], run)
  const name = `${basename(program.home)}-classes-${createHash('sha256').update(build).digest('hex').slice(0, 8)}`
  const directory = await installed({ cache: places.cache, name, signal, say }, async (fresh) => {
    say?.('starting NiFi once, to keep what it loads')
    const training = join(fresh, 'training')
    const list = await loadedClasses(training, program, options)
    const file = join(fresh, 'list')
    await writeFile(file, archivable(list))
    const dump = [
      '-Xshare:dump',
      `-XX:SharedClassListFile=${file}`,
      `-XX:SharedArchiveFile=${archiveIn(fresh)}`,
    ]
    const { code } = await runCommand(
      program.java,
      [...jvmArguments({ heap: 512 }), ...dump, '-cp', await classPath(program.home)],
      run,
    )
    if (code !== 0) await rm(archiveIn(fresh), { force: true })
    await rm(file)
    await rm(training, { recursive: true })
  })
  return existsSync(archiveIn(directory)) ? archiveIn(directory) : undefined
}

function archiveIn(directory: string): string {
  return join(directory, 'nifi.jsa')
}

async function loadedClasses(
  directory: string,
  program: ArchivedProgram,
  options: InstallOptions,
): Promise<string> {
  await mkdir(directory)
  const { node } = await prepareNode(
    { directory, heap: 512, jvm: ['-XX:DumpLoadedClassList=./classes'], ...program },
    noSecurity,
    options,
  )
  try {
    await node.start(options.signal)
    await node.stop()
  } finally {
    await node.kill()
  }
  return readFile(join(directory, 'node', 'classes'), 'utf8').catch(() => '')
}

/**
 * The lines that can be dumped: `name id: 7 super: 0 interfaces: 3 4 source: /path/of.jar`. A class of a web application lies in a
 * directory that each start makes anew; with it goes every class that builds on it.
 */
export function archivable(list: string): string {
  const left = new Set<string>()
  const fits = (line: string): boolean => {
    const [, id] = / id: (\d+)/.exec(line) ?? []
    if (id === undefined) return true
    const source = / source: (.*)$/.exec(line)?.[1]
    const lies = source === undefined || (source.endsWith('.jar') && !source.includes('/work/jetty/'))
    if (lies && !basesOf(line).some((base) => left.has(base))) return true
    left.add(id)
    return false
  }
  return list
    .split('\n')
    .filter((line) => fits(line))
    .join('\n')
}

function basesOf(line: string): readonly string[] {
  const parent = / super: (\d+)/.exec(line)?.[1] ?? ''
  const interfaces = / interfaces:((?: \d+)+)/.exec(line)?.[1] ?? ''
  return [parent, ...interfaces.trim().split(' ')]
}
