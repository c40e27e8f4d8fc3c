import { readFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { sha256 } from '../core/canonical.ts'
import { ReconcileError } from '../errors.ts'
import { buildEnvironment, installed, type InstallOptions } from './cache.ts'
import { runCommand } from './command.ts'

/** A program that is built from Go modules, locked by the go.sum of its module. */
export interface GoProgram {
  readonly name: string
  /** The package with its main function. */
  readonly package: string
  readonly version: string
  /** Directory with go.mod, go.sum and a file that imports the package. */
  readonly module: () => string
  /** How long a first build takes on two cores, measured: `4 min`. */
  readonly minutes: string
  readonly linkerFlags: string
  /** What a user without Go can set instead: `SETTING to a value`. */
  readonly otherwise?: string
}

/** The path of a program, built into the cache where it is not there yet. Another go.sum or other flags are another program. */
export async function buildGoProgram(program: GoProgram, options: InstallOptions): Promise<string> {
  const { places, signal, say } = options
  const locked = await readFile(join(program.module(), 'go.sum'), 'utf8')
  const key = sha256(locked + program.linkerFlags).slice(0, 8)
  const name = `${program.name}-${program.version}-${key}`
  const directory = await installed({ cache: places.cache, name, signal, say }, async (target) => {
    const started = Date.now()
    const cores = cpus().length
    const progress = (): void =>
      say?.(
        `building ${program.name}: ${elapsed(Date.now() - started)}, about ${program.minutes} on 2 cores (you have ${cores})`,
      )
    progress()
    const timer = setInterval(progress, 5_000)
    try {
      await goBuild(program, target, options)
    } finally {
      clearInterval(timer)
    }
  })
  return join(directory, program.name)
}

async function goBuild(program: GoProgram, directory: string, install: InstallOptions): Promise<void> {
  const { signal } = install
  const target = join(directory, program.name)
  const args = [
    'build',
    '-trimpath',
    '-mod=readonly',
    '-ldflags',
    program.linkerFlags,
    '-o',
    target,
    program.package,
  ]
  const options = {
    env: { ...buildEnvironment(install), CGO_ENABLED: '0' },
    cwd: program.module(),
    deadlineMs: 60 * 60_000,
    signal,
  }
  const result = await runCommand('go', args, options).catch((error: unknown) => {
    signal?.throwIfAborted()
    if (!(error instanceof ReconcileError) || error.reason !== 'MissingPrerequisite') throw error
    const orSet = program.otherwise === undefined ? '' : `, or set ${program.otherwise}`
    throw new ReconcileError(
      'MissingPrerequisite',
      `${program.name} is built with Go and there is no go: install Go 1.25 or newer${orSet}`,
      { cause: error },
    )
  })
  if (result.code !== 0) throw goFailure(program.name, result.stderr)
}

/** Go's failure as a sentence that tells the network from the rest. */
export function goFailure(name: string, stderr: string): ReconcileError {
  const words = stderr.trim().slice(-2_000)
  const network =
    /dial tcp|no such host|connection (refused|reset)|i\/o timeout|proxyconnect|network is unreachable|module lookup disabled/i.test(
      stderr,
    )
  return network
    ? new ReconcileError(
        'MissingPrerequisite',
        `Go could not reach its module proxy to build ${name}: check the network and GOPROXY\n${words}`,
      )
    : new ReconcileError('StackFailed', `building ${name} failed: ${words}`)
}

/** `2m10s` of milliseconds. */
export function elapsed(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return seconds < 60
    ? `${seconds}s`
    : `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, '0')}s`
}
