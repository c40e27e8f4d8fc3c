import { join } from 'node:path'
import { accountDirectory, applyState, writeAccount } from './applied-state.ts'
import { explainDisk } from './cache.ts'
import type { Launch } from './child.ts'
import { startKubeApi, type RunningKubeApi } from './kube-api.ts'
import { assertFree, freePorts } from './port.ts'
import { reconcilerServer } from './reconciler.ts'
import type { Server } from './server.ts'
import type { GivenSettings, RunningService, StackService } from './services.ts'
import type { StackPlaces } from './settings.ts'
import { runSteps, type Out, type Step } from './steps.ts'

export interface WantedService {
  /** For people: `Kafka`. */
  readonly title: string
  readonly service: StackService
  /** 0: a free one. */
  readonly port: number
  /** The user's own settings, where they say that it is somewhere already. */
  readonly given?: GivenSettings
  /** The option of `infometis up` that chooses the port. */
  readonly portOption: string
}

export interface StackOptions {
  readonly places: StackPlaces
  readonly launch: Launch
  readonly namespace: string
  /** By the name of their reconciler, in the order in which they are shown. */
  readonly services: ReadonlyMap<string, WantedService>
  /** Undefined: the usual port; 0: a free one. */
  readonly apiPort: number | undefined
  /** Node with its options and the file of this very program, to run reconcilers with. */
  readonly program: readonly string[]
  /** Settings of the user that a reconciler takes too. */
  readonly passedOn: Readonly<Record<string, string>>
  readonly out: Out
  readonly signal: AbortSignal
}

/** Everything runs and every reconciler is ready. */
export interface RunningStack {
  readonly api: RunningKubeApi
  /** In the order they were started. */
  readonly servers: readonly Server[]
  /** Shell variables for the user. */
  readonly environment: Readonly<Record<string, string>>
  /** Lines that say what runs where. */
  readonly summary: readonly string[]
  /** What whoever uses a service must know. */
  readonly notices: readonly string[]
  /** Fresh tokens for every reconciler; good for twelve hours. */
  renewTokens(): Promise<void>
  /** Reconcilers first, then the services and the API they use. */
  stop(): Promise<void>
}

interface Parts {
  api: RunningKubeApi | undefined
  readonly services: Map<string, RunningService>
  readonly reconcilers: Map<string, Server>
}

const defaultApiPort = 6443

/** Starts it all, showing the steps. On failure, and on abort, nothing is left running. */
export async function startStack(options: StackOptions): Promise<RunningStack> {
  await assertPortsFree(options)
  const names = [...options.services.keys()]
  const services = await withPorts(options.services)
  const parts: Parts = { api: undefined, services: new Map(), reconcilers: new Map() }
  try {
    await runSteps(
      [
        [
          kubernetesStep(options, parts),
          ...[...services].map((each) => serviceStep(each, { ...options, services }, parts)),
        ],
        [
          {
            title: `Namespace ${options.namespace}, roles and desired state`,
            run: async (say, signal) =>
              applyState(apiOf(parts), { ...options, services: names, signal }, say),
          },
        ],
        names.map((name) => reconcilerStep(name, options, parts)),
      ],
      options.out,
      options.signal,
    )
    return running(options, parts)
  } catch (error) {
    await stopParts(parts)
    return explainDisk(options.places.runDirectory)(error)
  }
}

async function assertPortsFree({ apiPort = defaultApiPort, services }: StackOptions): Promise<void> {
  if (apiPort !== 0) await assertFree(apiPort, 'kube-apiserver', '--api-port')
  for (const { title, port, portOption } of services.values()) {
    if (port !== 0) await assertFree(port, title, portOption)
  }
}

/** Free ports where none is wished, chosen before anything starts, so that every service can be told where the others will be. */
async function withPorts(services: StackOptions['services']): Promise<StackOptions['services']> {
  const free = [...(await freePorts(services.size))]
  return new Map(
    [...services].map(([name, of]) => [name, { ...of, port: of.port === 0 ? (free.pop() ?? 0) : of.port }]),
  )
}

function kubernetesStep(
  { places, launch, namespace, apiPort = defaultApiPort }: StackOptions,
  parts: Parts,
): Step {
  const directory = join(places.runDirectory, 'kubernetes')
  const port = apiPort === 0 ? {} : { port: apiPort }
  return {
    title: 'Kubernetes API',
    run: async (say, signal) => {
      parts.api = await startKubeApi({ places, launch, namespace, directory, signal, say, ...port })
    },
  }
}

function serviceStep(
  [name, { title, service, port, given }]: readonly [string, WantedService],
  { places, launch, services }: StackOptions,
  parts: Parts,
): Step {
  const others = [...services].filter(([other]) => other !== name)
  const neighbours = Object.fromEntries(
    others.flatMap(([, of]) => Object.entries(of.service.addresses(of.port, of.given))),
  )
  return {
    title,
    run: async (say, signal) => {
      const place = { places, launch, directory: places.runDirectory, port }
      const start = { ...place, signal, say, neighbours, ...(given === undefined ? {} : { given }) }
      parts.services.set(name, await service.start(start))
    },
  }
}

function wanted(name: string, { services }: StackOptions): WantedService {
  const found = services.get(name)
  if (found === undefined) throw new Error(`${name} has not been asked for`)
  return found
}

function reconcilerStep(name: string, options: StackOptions, parts: Parts): Step {
  const { places, launch, program, namespace, passedOn } = options
  return {
    title: `Reconciler for ${name}`,
    run: async (_, signal) => {
      const api = apiOf(parts)
      const [httpPort = 0] = await freePorts(1)
      const service = serviceOf(name, parts)
      const environment = {
        ...passedOn,
        ...service.environment,
        ...(service.clusterId === undefined ? {} : { EXPECTED_CLUSTER_ID: service.clusterId }),
        KUBERNETES_SERVICE_HOST: api.host,
        KUBERNETES_SERVICE_PORT: String(api.port),
        SERVICE_ACCOUNT_DIR: accountDirectory(name, options),
        INFOMETIS_NAMESPACE: namespace,
      }
      const server = reconcilerServer({
        service: name,
        directory: places.runDirectory,
        launch,
        program,
        httpPort,
        environment,
      })
      parts.reconcilers.set(name, server)
      await server.start(signal)
    },
  }
}

function running(options: StackOptions, parts: Parts): RunningStack {
  const api = apiOf(parts)
  const services = [...parts.services]
  const settings = services.flatMap(([, service]) => Object.entries(service.environment))
  const environment = {
    KUBECONFIG: api.kubeconfig,
    INFOMETIS_NAMESPACE: options.namespace,
    ...Object.fromEntries(settings),
  }
  return {
    api,
    servers: [
      api.etcd,
      api.apiserver,
      ...services.flatMap(([, service]) => service.servers),
      ...parts.reconcilers.values(),
    ],
    environment,
    summary: [
      `Kubernetes API: ${api.url}, namespace ${options.namespace}`,
      ...services.map(([name, service]) => `${wanted(name, options).title}: ${service.address}`),
      ...[...parts.reconcilers].map(
        ([name, server]) => `Reconciler for ${name}: its log is ${server.logFile}`,
      ),
    ],
    notices: services.flatMap(([, { notice }]) => notice ?? []),
    renewTokens: async () => {
      for (const name of options.services.keys()) await writeAccount(name, api, options)
    },
    stop: async () => stopParts(parts),
  }
}

async function stopParts(parts: Parts): Promise<void> {
  await Promise.all([...parts.reconcilers.values()].map(async (server) => server.stop()))
  await Promise.all([
    ...[...parts.services.values()].map(async (service) => service.stop()),
    parts.api?.stop(),
  ])
}

function apiOf(parts: Parts): RunningKubeApi {
  if (parts.api === undefined) throw new Error('the Kubernetes API has not been started')
  return parts.api
}

function serviceOf(name: string, parts: Parts): RunningService {
  const service = parts.services.get(name)
  if (service === undefined) throw new Error(`${name} has not been started`)
  return service
}
