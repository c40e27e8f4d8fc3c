import { existsSync } from 'node:fs'
import { readFile, realpath } from 'node:fs/promises'
import { parse } from 'yaml'
import { fieldsOf, listOf, valueAt } from '../environments/manifest.ts'
import { ExitError } from '../errors.ts'
import type { CommandOptions, CommandResult } from '../stack/command.ts'
import { accepts } from '../stack/port.ts'
import type { DownChoice, UpChoice } from './choice.ts'
import { clusterFile } from './cluster-steps.ts'
import type { ClusterFacts } from './facts.ts'
import type { ContextFacts } from './guard.ts'
import { kindContext } from './kubectl-command.ts'
import { hasProgram, lastLine } from './prerequisites.ts'

/** Where all of this happens. */
export interface Place extends Pick<CommandOptions, 'env' | 'signal'> {
  /** The checkout. */
  readonly root: string
  /** Where things of the user’s are kept. */
  readonly cache: string
  readonly version: string
  readonly stamp: string
  readonly isRoot: boolean
}

/** Asks a program; what it says to a wrong question is an answer, too. */
export type Ask = (command: readonly string[]) => Promise<CommandResult>

const k0sServices = ['/etc/systemd/system/k0scontroller.service', '/etc/init.d/k0scontroller']

/** What is where the cluster is to be. Only asks. */
export async function clusterFacts(
  choice: UpChoice | DownChoice,
  place: Place,
  ask: Ask,
): Promise<ClusterFacts> {
  switch (choice.on) {
    case 'kind':
      return { on: 'kind', ...(await kindFacts(choice, place, ask)) }
    case 'k0s':
      return { on: 'k0s', isRoot: place.isRoot, ...(await k0sFacts(place, ask)) }
    case 'current':
      return { on: 'current', context: await contextFacts(choice, ask) }
  }
}

async function kindFacts(
  choice: UpChoice | DownChoice,
  place: Place,
  ask: Ask,
): Promise<{ exists: boolean; hasContext: boolean; takenPorts: readonly number[] }> {
  const { env, root } = place
  const none = { code: 1, stdout: '', stderr: '' }
  const clusters = hasProgram('kind', env['PATH']) ? await ask(['kind', 'get', 'clusters']) : none
  const contexts = hasProgram('kubectl', env['PATH'])
    ? await ask(['kubectl', 'config', 'get-contexts', '-o', 'name'])
    : none
  const ports = hostPorts(await readFile(clusterFile({ root }, 'kind'), 'utf8'))
  const taken = await Promise.all(ports.map(async (port) => ((await accepts(port)) ? [port] : [])))
  return {
    exists: clusters.stdout.split('\n').includes(choice.name),
    hasContext: contexts.stdout.split('\n').includes(kindContext(choice.name)),
    takenPorts: taken.flat(),
  }
}

/** Every port that a kind configuration takes of this machine. */
export function hostPorts(config: string): readonly number[] {
  return listOf(fieldsOf(parse(config))['nodes'])
    .flatMap((node) => listOf(fieldsOf(node)['extraPortMappings']))
    .flatMap((mapping) => {
      const port = fieldsOf(mapping)['hostPort']
      return typeof port === 'number' ? [port] : []
    })
}

async function k0sFacts(
  { root, env }: Place,
  ask: Ask,
): Promise<{ isInstalled: boolean; isRunning: boolean; isOurs: boolean }> {
  const service = k0sServices.find(existsSync)
  const text = service === undefined ? '' : await readFile(service, 'utf8')
  const isRunning = hasProgram('k0s', env['PATH']) && (await ask(['k0s', 'status'])).code === 0
  return {
    isInstalled: service !== undefined || isRunning,
    isRunning,
    isOurs: text.includes(clusterFile({ root: await realpath(root) }, 'k0s')),
  }
}

async function contextFacts({ context }: UpChoice | DownChoice, ask: Ask): Promise<ContextFacts> {
  const { code, stdout, stderr } = await ask(['kubectl', 'config', 'view', '-o', 'json'])
  if (code !== 0) throw new ExitError(1, `kubectl cannot read the kubeconfig: ${lastLine(stderr)}`)
  return contextOf(JSON.parse(stdout), context)
}

/** The context that is wanted, in a kubeconfig as kubectl shows it. Throws ExitError 1 with the names of those there are. */
export function contextOf(config: unknown, wanted: string | undefined): ContextFacts {
  const contexts = listOf(fieldsOf(config)['contexts'])
  const names = contexts.flatMap((each) => textAt(each, ['name']) ?? [])
  const name = wanted ?? (textAt(config, ['current-context']) || undefined)
  if (name === undefined || !names.includes(name)) {
    const all = names.length === 0 ? 'there is none: set KUBECONFIG' : `there are ${names.join(', ')}`
    const which = name === undefined ? 'no current context' : `no context ${JSON.stringify(name)}`
    throw new ExitError(1, `the kubeconfig has ${which}; ${all}\n  → Choose one with --context.`)
  }
  const cluster = textAt(contexts[names.indexOf(name)], ['context', 'cluster']) ?? ''
  const found = listOf(fieldsOf(config)['clusters']).find((each) => textAt(each, ['name']) === cluster)
  return { name, cluster, server: textAt(found, ['cluster', 'server']) ?? '' }
}

function textAt(value: unknown, path: readonly string[]): string | undefined {
  const found = valueAt(value, path)
  return typeof found === 'string' ? found : undefined
}
