import { z } from 'zod'
import { isObject, toJsonObject, type JsonObject } from '../../src/core/json.ts'
import { quote } from '../../src/core/quote.ts'
import { secretReference } from '../../src/reconcile/secret-reference.ts'
import { strict } from '../../src/reconcile/unknown-keys.ts'
import { mapOf } from '../../src/reconcile/written-map.ts'
import { notText, oneLine, oneOf } from '../../src/reconcile/written-text.ts'
import { hasUser, plainSecrets } from './plain-secrets.ts'

/** Grafana answers 400 to an empty URL of these (pkg/api/datasource/validation.go). */
const reachedByUrl = new Set([
  'graphite',
  'influxdb',
  'influxdb_08',
  'elasticsearch',
  'prometheus',
  'alertmanager',
  'jaeger',
  'loki',
  'opentsdb',
  'tempo',
  'zipkin',
  'mysql',
  'postgres',
  'grafana-postgresql-datasource',
  'mssql',
])

/** Both are Grafana's own. */
const longestName = 190
const longestUrl = 255

function text(what: string) {
  return z.string({ error: ({ input }) => notText(what, input) }).refine((value) => !isVariable(value), {
    error: `${what} holds a variable; only Grafana’s own files know those, so write the value`,
  })
}

function flag(what: string) {
  return z.boolean({ error: ({ input }) => `${what} is true or false; ${quote(input)} is neither` })
}

function isVariable(value: string): boolean {
  return /\$(\{|__(env|file|vault)\{)/.test(value)
}

const url = text('url').superRefine((address, context) => {
  const message = urlIssue(address)
  if (message !== undefined) context.addIssue({ code: 'custom', message })
})

function urlIssue(address: string): string | undefined {
  if (address === '') return 'url must not be empty; leave it out for none'
  if (isVariable(address)) return undefined
  // Never quoted: there may be a password in it.
  if (hasUser(address))
    return 'url holds a user’s name or password; write "user" or "basicAuthUser", and the password under "secure"'
  if (address.length > longestUrl)
    return `url has at most ${longestUrl} characters, this one has ${address.length}`
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `http://${address}`
  return /\s/.test(address) || !URL.canParse(whole) ? `url is no address: ${quote(address)}` : undefined
}

const jsonData = z
  .unknown()
  .transform((written, context): JsonObject => {
    if (!isObject(written)) {
      context.addIssue({ code: 'custom', message: 'jsonData is a map of the datasource’s own settings' })
      return z.NEVER
    }
    const data = toJsonObject(written)
    for (const path of plainSecrets(data)) {
      const message = `is a secret in plain text; write "secure": {${quote(path.at(-1))}: {"secret": {"name": …, "key": …}}}`
      context.addIssue({ code: 'custom', path: [...path], message })
    }
    return data
  })
  .meta({ type: 'object' })

const secureShape = { secret: secretReference.describe('Where the value is kept.') }

const secure = mapOf({
  error: () => 'secure is a map such as {"password": {"secret": {"name": …, "key": …}}}',
  key: z.string().regex(/^[A-Za-z0-9._-]+$/, {
    error: ({ input }) =>
      `a name under secure consists of a-z, A-Z, 0-9, "-", "_" and "."; ${quote(input)} does not`,
  }),
  value: z.strictObject(secureShape, {
    error:
      'a value under secure is {"secret": {"name": …, "key": …}} and nothing else; the value itself must not stand here',
  }),
})

const datasourceShape = {
  name: oneLine('name', longestName)
    .optional()
    .describe('What people see; no two datasources have the same. Default: the entry’s key.'),
  type: z
    .string({ error: ({ input }) => notText('type', input) })
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, {
      error: ({ input }) =>
        `type is the id of a plugin, such as "prometheus" or "loki"; ${quote(input)} is not`,
    })
    .describe('The id of the plugin: prometheus, loki, elasticsearch, grafana-postgresql-datasource …'),
  url: url.optional().describe('Where Grafana reaches it. A Secret under "secure" must allow this address.'),
  access: oneOf('access', ['proxy', 'direct'])
    .optional()
    .describe('proxy (default): Grafana asks it. direct: the browser does.'),
  user: text('user').optional().describe('For databases.'),
  database: text('database').optional().describe('For databases.'),
  basicAuth: flag('basicAuth').optional().describe('Default: false.'),
  basicAuthUser: text('basicAuthUser').optional().describe('Its password: basicAuthPassword under "secure".'),
  withCredentials: flag('withCredentials').optional().describe('Default: false.'),
  isDefault: flag('isDefault')
    .optional()
    .describe('Whether new panels begin with it. Not written: nobody’s business.'),
  jsonData: jsonData.optional().describe('The plugin’s own settings, as its documentation has them.'),
  secure: secure
    .optional()
    .describe(
      'By name: {"secret": {"name": "db-grafana", "key": "password"}}. The Secret opts in by infometis.io/usable-by and infometis.io/allowed-urls.',
    ),
  health: oneOf('health', ['off', 'checked'])
    .optional()
    .describe('checked: Grafana is asked now and then whether it reaches it. Default: off.'),
}

/** Words of Grafana's API and of other tools, and where they belong. */
const elsewhere: Readonly<Record<string, string>> = {
  secureJsonData: 'secure',
  secureJsonFields: 'secure',
  secure_json_data: 'secure',
  password: 'secure',
  basicAuthPassword: 'secure',
  json_data: 'jsonData',
  title: 'name',
  typeName: 'type',
  uri: 'url',
  host: 'url',
  is_default: 'isDefault',
  default: 'isDefault',
}

/** One entry of `datasources.yaml`. */
export const datasourceSchema = z
  .strictObject(datasourceShape, { error: strict('a datasource', datasourceShape, elsewhere) })
  .superRefine(({ type, url: address, access, basicAuth, basicAuthUser, secure: values }, context) => {
    if (address === undefined && reachedByUrl.has(type))
      context.addIssue({
        code: 'custom',
        path: ['url'],
        message: `url is missing: ${type} is reached by one`,
      })
    // With it Grafana puts the password into its pages (pkg/api/frontendsettings.go).
    if (access === 'direct' && values !== undefined && Object.keys(values).length > 0)
      context.addIssue({
        code: 'custom',
        path: ['secure'],
        message:
          'access is direct, so that every browser would get what is under secure; write "access": "proxy"',
      })
    if (basicAuth === true && (basicAuthUser ?? '') === '')
      context.addIssue({
        code: 'custom',
        path: ['basicAuthUser'],
        message: 'basicAuthUser is missing: basicAuth is true',
      })
  })

export type WrittenDatasource = z.output<typeof datasourceSchema>
