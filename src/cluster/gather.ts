import { existsSync, globSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ExitError } from '../errors.ts'
import { runCommand } from '../stack/command.ts'
import { type DownChoice, needsEnvironment, type UpChoice } from './choice.ts'
import { type Ask, clusterFacts, type Place } from './cluster-facts.ts'
import { type Environment, readEnvironment } from './environment.ts'
import type { ClusterFacts, Facts } from './facts.ts'
import { kindContext } from './kubectl-command.ts'
import { readLive } from './live.ts'
import { hasProgram } from './prerequisites.ts'

const askMs = 60_000

/** Everything a plan depends on. Only asks; nothing is changed. Throws ExitError 1 where the answer is missing. */
export async function gather(choice: UpChoice | DownChoice, place: Place): Promise<Facts> {
  const { env, signal } = place
  const ask: Ask = async ([command = '', ...args]) =>
    runCommand(command, args, { env: environmentOf(choice, env), signal, deadlineMs: askMs })
  const cluster = await clusterFacts(choice, place, ask)
  const rendered = await render(choice, place, ask)
  const kubectl = liveKubectl(choice, cluster)
  const wantsLive = kubectl !== undefined && rendered.manifests.length > 0
  return {
    root: await realpath(place.root),
    workDirectory: join(await realPathOf(place.cache), 'clusters'),
    version: place.version,
    stamp: place.stamp,
    environment: rendered,
    cluster,
    live: wantsLive
      ? await readLive(async (args) => ask([...kubectl, ...args, '--request-timeout=20s']), rendered)
      : undefined,
  }
}

/** k0s’s own kubectl takes the kubeconfig of the shell before its own: that could be another cluster. */
function environmentOf({ on }: UpChoice | DownChoice, env: Place['env']): Place['env'] {
  return on === 'k0s' ? { ...env, KUBECONFIG: undefined } : env
}

/** Of a directory that need not exist yet. */
async function realPathOf(directory: string): Promise<string> {
  if (existsSync(directory)) return realpath(directory)
  const parent = dirname(directory)
  return join(await realPathOf(parent), directory.slice(parent.length))
}

async function render(choice: UpChoice | DownChoice, place: Place, ask: Ask): Promise<Environment> {
  const { root, env } = place
  const name = choice.environment
  if (!needsEnvironment(choice)) return readEnvironment(name, '')
  const known = globSync('*/kustomization.yaml', { cwd: join(root, 'environments') }).map(dirname)
  if (!known.includes(name)) {
    const all = known.sort().join(', ')
    throw new ExitError(
      1,
      `there is no environment ${JSON.stringify(name)} in environments/; there are ${all}`,
    )
  }
  const kubectl = hasProgram('kubectl', env['PATH']) ? ['kubectl'] : ['k0s', 'kubectl']
  const { code, stdout, stderr } = await ask([...kubectl, 'kustomize', join(root, 'environments', name)])
  if (code === 0) return readEnvironment(name, stdout)
  throw new ExitError(
    1,
    `environments/${name} cannot be rendered: ${stderr.trim()}\n  → Correct what kustomize names.`,
  )
}

function liveKubectl(choice: UpChoice | DownChoice, cluster: ClusterFacts): readonly string[] | undefined {
  switch (cluster.on) {
    case 'kind':
      return cluster.exists && cluster.hasContext
        ? ['kubectl', '--context', kindContext(choice.name)]
        : undefined
    case 'k0s':
      return cluster.isRunning ? ['k0s', 'kubectl'] : undefined
    case 'current':
      return ['kubectl', '--context', cluster.context.name]
  }
}
