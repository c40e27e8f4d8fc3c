import { z } from 'zod'
import { parseDuration } from './core/duration.ts'
import { ReconcileError } from './errors.ts'

/** `30s` → 30000. Used by every setting that is a time. */
export const duration = z.string().transform((text, context) => {
  const ms = parseDuration(text)
  if (ms === undefined) context.addIssue(`"${text}" is not a duration such as 30s, 5m or 1h30m`)
  return ms ?? z.NEVER
})

/** A check for `superRefine`: two settings of which neither is of use without the other. */
export function together<Name extends string>(one: Name, other: Name) {
  return (settings: Readonly<Partial<Record<Name, unknown>>>, context: z.RefinementCtx): void => {
    const demand = (given: Name, missing: Name) => {
      if (settings[given] === undefined || settings[missing] !== undefined) return
      context.addIssue({ code: 'custom', path: [missing], message: `must be set because ${given} is` })
    }
    demand(one, other)
    demand(other, one)
  }
}

/** What a service calls its address. */
export interface HttpAddress {
  /** Of its settings: `NIFI`, as in NIFI_USERNAME_FILE. */
  readonly prefix: string
  readonly example: string
  /** How the path of its API ends, which people write or leave out. */
  readonly api?: RegExp
}

/** One address, in one spelling: without the path of an API, without a slash at the end. What may be credentials never stands in a message. */
export function readHttpAddress(
  written: string,
  { prefix, example, api = /$^/ }: HttpAddress,
): string | { readonly wrong: string } {
  const text = written.trim()
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '') {
    return { wrong: `${JSON.stringify(text.replace(/^.*@/s, '…@'))} is not an address such as ${example}` }
  }
  if (url.username !== '' || url.password !== '') {
    const way = `put them into files, and name those in ${prefix}_USERNAME_FILE and ${prefix}_PASSWORD_FILE`
    return { wrong: `must not hold a user name or a password: ${way}` }
  }
  if (url.search !== '' || url.hash !== '')
    return { wrong: 'must not have a query or a fragment; leave it out' }
  return `${url.origin}${url.pathname.replace(/\/+$/, '').replace(api, '')}`
}

/** A setting that is one address. */
export function httpAddress(address: HttpAddress) {
  return z.string().transform((text, context): string => {
    const read = readHttpAddress(text, address)
    if (typeof read === 'string') return read
    context.addIssue(read.wrong)
    return z.NEVER
  })
}

/** A time to wait, for an answer or between two of something: none at all would be no answer, or a storm. */
const wait = duration.refine((ms) => ms >= 1_000, 'must be at least 1s')

/** How long one request may take. */
export const requestTimeout = wait.prefault('30s').describe('How long one request may take.')

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== ''),
)
const flag = z.enum(['true', 'false']).transform((text) => text === 'true')
const port = z.coerce.number().int().min(0).max(65_535)

/** The settings of every reconciler, by environment variable. A service adds its own (`ServiceReconciler.settings`). */
export const runSettings = z.object({
  INFOMETIS_NAMESPACE: z
    .string()
    .optional()
    .describe('The reconciler’s own namespace: state and control live here. Default: the service account’s.'),
  WATCH_NAMESPACES: list
    .default([])
    .describe('Namespaces whose ConfigMaps are desired state. Default: its own.'),
  CONFIG_MAP_NAME: list
    .default([])
    .describe('ConfigMaps watched by name instead of by label; the data key tells the type.'),
  INFOMETIS_INSTANCE: z
    .string()
    .default('')
    .describe('Only ConfigMaps with this infometis.io/instance label are taken. Default: none.'),
  LEADER_ELECTION: flag
    .prefault('false')
    .describe(
      'Reconcile only while holding a Lease, so that several replicas can run. Needs the Kubernetes API.',
    ),
  POD_NAME: z
    .string()
    .optional()
    .describe(
      'How this replica calls itself in the Lease. Default: the host name, which in a pod is the same.',
    ),
  RECONCILE_INTERVAL: wait.prefault('30s').describe('Time between resyncs of each ConfigMap.'),
  RECONCILE_TIMEOUT: wait.prefault('2m').describe('Deadline of one reconcile.'),
  CONCURRENCY: z.coerce
    .number()
    .int()
    .min(1)
    .max(256)
    .default(32)
    .describe('ConfigMaps reconciled at the same time.'),
  EXPECTED_CLUSTER_ID: z.string().optional().describe('Refuse every other cluster.'),
  DESIRED_DIR: z
    .string()
    .default('/config')
    .describe('Desired documents as a mounted volume, used where there is no API access.'),
  SECRETS_DIR: z
    .string()
    .optional()
    .describe(
      'Secrets that documents name, as a mounted volume (`<Secret>/<key>`), used where there is no API access.',
    ),
  HTTP_HOST: z.string().default('0.0.0.0').describe('Address of /health, /ready and /metrics.'),
  HTTP_PORT: port.default(8080).describe('Port of /health, /ready and /metrics; 0 takes a free one.'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info').describe('Log level.'),
  LOG_PRETTY: flag.prefault('false').describe('Log lines for people instead of JSON.'),
  KUBECONFIG: z.string().optional().describe('Used outside a cluster only.'),
  KUBERNETES_SERVICE_HOST: z.string().optional().describe('Set by Kubernetes in every pod.'),
  KUBERNETES_SERVICE_PORT: z.string().default('443').describe('Set by Kubernetes in every pod.'),
  SERVICE_ACCOUNT_DIR: z
    .string()
    .default('/var/run/secrets/kubernetes.io/serviceaccount')
    .describe('Directory with token, ca.crt and namespace; read again when they rotate.'),
})

export type RunSettings = z.output<typeof runSettings>

/** The environment as written: the one place that reads it. */
export function environment(): Readonly<Record<string, string | undefined>> {
  return process.env
}

/** Settings from an environment. An empty variable counts as unset. Throws InvalidConfiguration naming each variable, never a value. */
export function readSettings<S>(schema: z.ZodType<S>, env = environment()): S {
  const present = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  )
  const result = schema.safeParse(present)
  if (result.success) return result.data
  const issues = result.error.issues.map(({ path, code, message }) => {
    const isMissing = code === 'invalid_type' && !Object.hasOwn(present, String(path[0]))
    return `${path.join('.') || 'settings'}: ${isMissing ? 'must be set' : message}`
  })
  throw new ReconcileError('InvalidConfiguration', issues.join('; '))
}

/** Settings fit to be logged: nothing whose name speaks of a secret, and no credentials inside a URL. */
export function redactSettings(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => {
      if (/(PASSWORD|SECRET|TOKEN|KEY)$/.test(name)) return [name, '[redacted]']
      return [name, typeof value === 'string' ? value.replace(/\/\/[^/@\s]+@/g, '//[redacted]@') : value]
    }),
  )
}
