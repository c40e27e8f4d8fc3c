import { type Command, InvalidArgumentError, Option } from 'commander'
import {
  addDownClusterOptions,
  addUpClusterOptions,
  type ClusterFlags,
  downChoice,
  refuseMixed,
  upChoice,
} from './cluster-options.ts'
import type { Context } from './context.ts'
import { example } from './examples.ts'
import type { Done } from './options.ts'
import { isService, portOption, serviceNamed, serviceNames } from './services.ts'
import { unknown } from './nearest.ts'
import type { UpOptions } from './up.ts'

/** Commands that run something: one reconciler, or a whole stack. */
export function addStackCommands(program: Command, context: Context, done: Done): void {
  addUp(program, context, done)
  addDown(program, context, done)
  program
    .command('env')
    .summary('print export lines that point kubectl and infometis at the local stack')
    .description('Print export lines that point kubectl and infometis at the local stack.')
    .addHelpText('after', '\nExamples:\n  eval "$(infometis env)"')
    .action(async () => {
      const { env } = await import('./env.ts')
      done(await env(context))
    })
  program
    .command('run')
    .summary('run the reconciler of a service')
    .description('Run the reconciler of a service until it is stopped. Settings come from the environment.')
    .argument('<service>', serviceNames.join(', '))
    .addHelpText('after', `\nExamples:\n  ${example.address} infometis run ${example.service}`)
    .action(async (service: string) => {
      const { run } = await import('./run.ts')
      done(await run({ ...context, service }))
    })
}

type UpFlags = ClusterFlags & Pick<UpOptions, 'detach' | 'services' | 'apiPort' | 'namespace'>

function addUp(program: Command, context: Context, done: Done): void {
  const ports = serviceNames.map((name) => ({ name, option: servicePort(name) }))
  const up = program
    .command('up')
    .summary('start a local Kubernetes API, the services and their reconcilers')
    .description(
      'Install what is missing and start a Kubernetes API, the services and their reconcilers on this machine, with environments/dev/desired applied. Ctrl-C stops everything. With --on: apply a whole environment to a cluster, and wait until everything desired is there.',
    )
    .option('-d, --detach', 'run in the background and return when everything is ready')
    .option('--services <names>', `comma-separated (default: ${usual()})`, listOfServices)
    .option('--api-port <port>', 'port of the Kubernetes API; 0 takes a free one (default: 6443)', port)
    .option('-n, --namespace <name>', 'namespace of everything (default: infometis)')
  for (const { option } of ports) up.addOption(option)
  const local = up.options.map((option) => option.attributeName())
  addUpClusterOptions(up).addHelpText(
    'after',
    `
Examples:
  infometis up                          in the foreground, until Ctrl-C
  infometis up --detach && eval "$(infometis env)"
  infometis down
  infometis up --on kind                a kind cluster with environments/dev in it
  infometis up --on current --dry-run   what it would do to the cluster of the kubeconfig`,
  )
  up.action(async (options: UpFlags) => {
    refuseMixed(up, options, local)
    if (options.on !== undefined) {
      const { upCluster } = await import('./up-cluster.ts')
      const choice = upChoice(options, options.on)
      done(await upCluster({ ...context, choice, dryRun: options.dryRun ?? false }))
      return
    }
    const { up: start } = await import('./up.ts')
    const servicePorts = new Map(
      ports.flatMap(({ name, option }) => {
        const chosen: unknown = up.getOptionValue(option.attributeName())
        return typeof chosen === 'number' ? [[name, chosen] as const] : []
      }),
    )
    done(await start({ ...context, ...options, servicePorts }))
  })
}

function addDown(program: Command, context: Context, done: Done): void {
  const command = program
    .command('down')
    .summary('stop the local stack, or take the stack off a cluster')
    .description(
      'Stop the local stack and everything it started. With --on: delete the kind cluster, reset k0s, or delete from the current cluster what was applied, except what holds data.',
    )
  addDownClusterOptions(command)
    .addHelpText('after', '\nExamples:\n  infometis down\n  infometis down --on kind')
    .action(async (options: ClusterFlags) => {
      refuseMixed(command, options, [])
      if (options.on !== undefined) {
        const { downCluster } = await import('./down-cluster.ts')
        const choice = downChoice(options, options.on)
        done(await downCluster({ ...context, choice, dryRun: options.dryRun ?? false }))
        return
      }
      const { down } = await import('./down.ts')
      done(await down(context))
    })
}

/** `all, Grafana only where GRAFANA_URL is set`. */
function usual(): string {
  const special = serviceNames.map(serviceNamed).filter(({ simulated }) => simulated === true)
  return [
    'all',
    ...special.map(({ title, address }) => `${title} only where ${address.setting} is set`),
  ].join(', ')
}

function listOfServices(text: string): readonly string[] {
  const names = text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
  const wrong = names.find((each) => !isService(each))
  if (wrong !== undefined) throw new InvalidArgumentError(unknown('service', wrong, serviceNames))
  return names
}

function servicePort(name: string): Option {
  const { title, port: usual } = serviceNamed(name)
  const words = `port of ${title}; 0 takes a free one (default: ${usual})`
  return new Option(`${portOption(name)} <port>`, words).argParser(port)
}

function port(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new InvalidArgumentError('a port is a whole number from 0 to 65535')
}
