import { readSettings } from '../config.ts'
import { ReconcileError } from '../errors.ts'
import { attend } from '../stack/attend.ts'
import { type Claim, claimStack, isHeld, unhealthy } from '../stack/claim.ts'
import { readDesiredStatus, settledStatus, statusLine } from '../stack/desired-status.ts'
import { detach } from '../stack/detach.ts'
import { kubectlFor } from '../stack/kubectl.ts'
import { type StackPlaces, stackPlaces, stackSettings } from '../stack/settings.ts'
import { readRecord, type StackRecord } from '../stack/stack-record.ts'
import { type StackOptions, startStack, type WantedService } from '../stack/start-stack.ts'
import { type Context, line } from './context.ts'
import { desiredConfigMap, enumerated } from './examples.ts'
import { absoluteFiles } from './absolute-files.ts'
import { isGiven, portOption, serviceNamed, serviceNames, usualServices } from './services.ts'

export interface UpOptions extends Pick<Context, 'out' | 'env' | 'signal' | 'now'> {
  /** Run in the background and return when everything is ready. */
  readonly detach?: boolean
  /** Names of services. Default: all that can be had. */
  readonly services?: readonly string[]
  /** By service. 0 takes a free one. Default: the service’s usual port. */
  readonly servicePorts?: ReadonlyMap<string, number>
  /** 0 takes a free one. Default: 6443. */
  readonly apiPort?: number
  /** Default: infometis. */
  readonly namespace?: string
}

/** Settings of the user's shell that a reconciler of the stack takes too. */
const passedOn = ['RECONCILE_INTERVAL', 'RECONCILE_TIMEOUT', 'CONCURRENCY', 'LOG_LEVEL', 'LOG_PRETTY']

function tryNext(services: readonly string[]): string {
  const edit = services.slice(0, 1).map((name) => `kubectl edit configmap ${desiredConfigMap(name)}`)
  const commands = [
    ['eval "$(npx infometis env)"', 'kubectl and infometis find the stack'],
    ['npx infometis status', 'what became of each desired ConfigMap'],
    ...edit.map((command) => [command, 'change something and look again']),
  ]
  const rows = commands.map(([command = '', why = '']) => `  ${command.padEnd(55)} # ${why}`)
  return ['', 'Try next, in another terminal:', ...rows].join('\n')
}

/**
 * The local stack. 0: it runs (detached, or already), or it ran until Ctrl-C. 2: something desired is not Ready, or the stack that
 * runs already is not healthy. Throws when it cannot be started; nothing is left running then.
 */
export async function up(options: UpOptions): Promise<0 | 2> {
  if (process.platform !== 'linux') throw wrongPlatform(process.platform)
  const places = stackPlaces(readSettings(stackSettings, options.env))
  const record = await readRecord(places.runDirectory)
  if (record !== undefined && (await isHeld(record))) return alreadyRunning(record, options)
  return options.detach === true ? inBackground(options, places) : inForeground(options, places)
}

export function wrongPlatform(platform: string): ReconcileError {
  const settings = serviceNames.map((name) => serviceNamed(name).address.setting)
  const own = enumerated(['KUBECONFIG', ...settings])
  const way = `use Linux (a virtual machine, WSL 2), or set ${own} to what you have`
  return new ReconcileError(
    'MissingPrerequisite',
    `the local stack runs on Linux and this is ${platform}: ${way}`,
  )
}

async function alreadyRunning(record: StackRecord, { out }: UpOptions): Promise<0 | 2> {
  line(
    out,
    `A stack runs already (pid ${record.up.pid}, since ${record.startedAt}); \`infometis down\` stops it.`,
  )
  for (const text of [...(record.summary ?? []), ...(record.notices ?? [])]) line(out, `  ${text}`)
  const fault = await unhealthy(record)
  if (fault === undefined) return 0
  line(out, `It is not healthy: ${fault}.`)
  return 2
}

async function inForeground(options: UpOptions, places: StackPlaces): Promise<0 | 2> {
  const { out, signal, now } = options
  const say = (text: string): void => line(out, text)
  const started = now()
  const claim = await claimStack(places.runDirectory, new Date(started).toISOString(), say, signal)
  if (claim.kind === 'running') return alreadyRunning(claim.record, options)
  try {
    const stack = await startStack(await stackOptions(options, places, claim))
    const { environment, summary, api } = stack
    try {
      const { notices } = stack
      await claim.recorder.write({ environment, summary, notices, kubectl: api.kubectlPath })
      say(`\nThe stack is up after ${seconds(now() - started)} s.`)
      for (const text of [...summary, ...leftOut(options)]) say(`  ${text}`)
      for (const text of notices) say(`\n${text}`)
      say(tryNext(servicesOf(options)))
      say(out.isTTY === true ? '\nCtrl-C stops everything.\n' : '\n`infometis down` stops everything.\n')
      await attend(stack, namespaceOf(options), say, signal)
    } finally {
      say('Stopping …')
      await stack.stop()
      say('Stopped.')
    }
    return 0
  } finally {
    await claim.recorder.close()
  }
}

async function stackOptions(
  options: UpOptions,
  places: StackPlaces,
  claim: Extract<Claim, { kind: 'ours' }>,
): Promise<StackOptions> {
  const { env, out, signal } = options
  const [markName = '', markValue] = claim.mark.split('=')
  const wanted = passedOn.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]))
  return {
    places,
    launch: {
      env: { PATH: places.path, HOME: env['HOME'], [markName]: markValue },
      onSpawn: async (identity) => claim.recorder.add(identity),
    },
    namespace: namespaceOf(options),
    services: await wantedServices(options),
    apiPort: options.apiPort,
    // Without Node’s options of this command: source maps cost a reconciler 6 MB for as long as it runs.
    program: [process.execPath, process.argv[1] ?? ''],
    passedOn: Object.fromEntries(wanted),
    out,
    signal,
  }
}

async function wantedServices(options: UpOptions): Promise<ReadonlyMap<string, WantedService>> {
  const all = servicesOf(options).map(async (name) => {
    const { title, port: usual, simulated, stack } = serviceNamed(name)
    const wanted =
      simulated === true && isGiven(name, options.env)
        ? // It takes no port here.
          { title, port: 0, given: absoluteFiles(options.env) }
        : { title, port: options.servicePorts?.get(name) ?? usual }
    return [name, { ...wanted, portOption: portOption(name), service: await stack() }] as const
  })
  return new Map(await Promise.all(all))
}

async function inBackground(options: UpOptions, places: StackPlaces): Promise<0 | 2> {
  const { out, env, signal } = options
  const logFile = `${places.runDirectory}.log`
  const flags = [
    ...(options.services === undefined ? [] : [['--services', options.services.join(',')]]),
    ['--namespace', namespaceOf(options)],
    ...[...(options.servicePorts ?? [])].map(([name, port]) => [portOption(name), String(port)]),
    ...(options.apiPort === undefined ? [] : [['--api-port', String(options.apiPort)]]),
  ].flat()
  const command = [...thisProgram(), 'up', ...flags]
  const record = await detach({ command, env, runDirectory: places.runDirectory, logFile, out, signal })
  return tellSettled(record, options, places)
}

/** Waits a moment for what is desired, so that the command that follows `up --detach` finds it there. */
async function tellSettled(record: StackRecord, options: UpOptions, places: StackPlaces): Promise<0 | 2> {
  const { out, signal } = options
  const { kubectl: binary = 'kubectl', environment = {} } = record
  const kubeconfig = environment['KUBECONFIG'] ?? ''
  const kubectl = kubectlFor({ binary, kubeconfig, path: places.path, home: places.runDirectory })
  const read = async (): ReturnType<typeof readDesiredStatus> =>
    readDesiredStatus(kubectl, namespaceOf(options), signal)
  const all = await settledStatus(read, { deadlineMs: 60_000, signal })
  for (const status of all) line(out, statusLine(status))
  return all.every(({ ready }) => ready === 'True') ? 0 : 2
}

function servicesOf({ services, env }: UpOptions): readonly string[] {
  return services ?? usualServices(env)
}

/** A line for each service that nobody asked for and that cannot be had here. */
function leftOut({ services, env }: UpOptions): readonly string[] {
  if (services !== undefined) return []
  const usual = usualServices(env)
  return serviceNames
    .filter((name) => !usual.includes(name))
    .map((name) => {
      const { title, address } = serviceNamed(name)
      return `${title}: left out; set ${address.setting} to one, or take its simulated API with --services ${[...usual, name].join(',')}`
    })
}

function namespaceOf({ namespace }: UpOptions): string {
  return namespace ?? 'infometis'
}

/** Node with its options and this very program: main.mjs from the bundle, main.ts from the sources. */
function thisProgram(): readonly string[] {
  return [process.execPath, ...process.execArgv, process.argv[1] ?? '']
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}
