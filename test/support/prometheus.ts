import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { installed, type InstallOptions } from '../../src/stack/cache.ts'
import { type CommandResult, runCommand } from '../../src/stack/command.ts'
import { ask, serves } from '../../src/stack/http.ts'
import { freePorts } from '../../src/stack/port.ts'
import { server } from '../../src/stack/server.ts'
import { at } from '../../src/core/members.ts'
import { aptUnpack } from '../e2e/cluster/packages.ts'
import { inOwnDirectory } from './own-directory.ts'
import { testLaunch, testPlaces } from './places.ts'

/** Older than the one that is deployed: what it takes of PromQL and of rules, that one takes as well. */
const version = '2.42.0'

export interface Prometheus {
  /** The `data` of an answer of `/api/v1/…`. Throws with Prometheus's own words where it is no success. */
  data(path: string, parameters?: Readonly<Record<string, string>>): Promise<unknown>
  stop(): Promise<void>
}

/** The directory with `prometheus` and `promtool`, fetched as Debian's package where it is not in the cache yet. */
export async function installPrometheus(options: InstallOptions): Promise<string> {
  const { places, signal, say } = options
  const what = { cache: places.cache, name: `prometheus-${version}-debian`, signal, say }
  const fill = (directory: string): Promise<void> =>
    aptUnpack({ name: 'prometheus', version: `${version}*` }, directory, options)
  return join(await installed(what, fill), 'usr', 'bin')
}

/** A Prometheus of its own with this configuration; ready when this resolves. `files` stand beside the configuration. */
export async function startPrometheus(
  configuration: object,
  files: Readonly<Record<string, string>>,
): Promise<Prometheus> {
  return inOwnDirectory('prometheus', async ({ directory, places, launch }, clean) => {
    const programs = await installPrometheus({ places, launch })
    const [port = 0] = await freePorts(1)
    const written = { ...files, 'prometheus.yaml': stringify(configuration) }
    for (const [name, text] of Object.entries(written)) await writeFile(join(directory, name), text)
    const url = `http://127.0.0.1:${port}`
    const prometheus = server({
      process: {
        name: 'prometheus',
        command: join(programs, 'prometheus'),
        args: [
          `--config.file=${join(directory, 'prometheus.yaml')}`,
          `--storage.tsdb.path=${join(directory, 'data')}`,
          `--web.listen-address=127.0.0.1:${port}`,
        ],
        cwd: directory,
        logFile: join(directory, 'prometheus.log'),
      },
      ports: [port],
      launch,
      startDeadlineMs: 30_000,
      graceMs: 10_000,
      ready: () => async (signal) => serves({ url }, '/-/ready', signal),
    })
    const stop = async (): Promise<void> => {
      await prometheus.stop()
      await clean()
    }
    try {
      await prometheus.start()
    } catch (error) {
      await stop()
      throw error
    }
    return { stop, data: (path, parameters) => data(url, path, parameters) }
  })
}

async function data(url: string, path: string, parameters: Readonly<Record<string, string>> = {}) {
  const query = new URLSearchParams(parameters).toString()
  const request = { method: 'GET', path: `/api/v1/${path}?${query}` }
  const { status, body } = await ask({ url }, request, AbortSignal.timeout(30_000))
  if (status === 200) return at(body, 'data')
  const asked = [path, ...Object.values(parameters)].join(' ')
  throw new Error(`${asked}: ${status} ${String(at(body, 'error') ?? body)}`)
}

/** Runs promtool; its exit code and words are the result. */
export async function promtool(...args: readonly string[]): Promise<CommandResult> {
  const programs = await installPrometheus({ places: testPlaces(), launch: testLaunch() })
  const env = { PATH: testPlaces().path }
  return runCommand(join(programs, 'promtool'), args, { env, deadlineMs: 60_000 })
}
