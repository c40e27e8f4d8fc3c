import { stringify } from 'yaml'
import type { Resource } from '../core/resource.ts'
import { ExitError } from '../errors.ts'
import type { ResourceType } from '../reconcile/resource-type.ts'
import type { ServiceClient } from '../reconcile/service-client.ts'
import { type Context, json, line } from './context.ts'
import { documentData } from './import-document.ts'
import { type Connect, connect, loadService } from './services.ts'
import { plural } from './text.ts'

export interface ImportOptions extends Pick<Context, 'out' | 'err' | 'env' | 'signal'> {
  readonly service: string
  /** Only names that this regular expression finds. */
  readonly match?: string
  readonly output: 'yaml' | 'json'
  /** The ConfigMap's name; by default `<service>-<type>-desired`. */
  readonly name?: string
  readonly namespace?: string
  readonly timeout: number
  /** How the live service is reached; a test gives its own. */
  readonly connect?: Connect
}

interface Imported {
  readonly entries: ReadonlyMap<string, unknown>
  readonly internal: number
}

/** The API server takes an object of at most 1 MiB; a reconciler's own summary needs a little of it. */
const maxDataBytes = 1_000_000

/** A live service → labelled ConfigMaps whose first plan is empty. Internal resources are left out and counted. */
export async function importService(options: ImportOptions): Promise<0> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeout)])
  const matches = matcher(options.match)
  const service = await loadService(options.service)
  const client = (options.connect ?? connect)(service, options.env)
  try {
    const manifests: object[] = []
    for (const type of service.types) {
      const { entries, internal } = await read(type, client, matches, signal)
      const left = internal === 0 ? '' : `, ${internal} internal left out`
      line(options.err, `${plural(entries.size, 'entry', 'entries')} of ${type.name}${left}`)
      const form = { output: options.output, types: service.types.map(({ name }) => name) }
      if (entries.size > 0)
        manifests.push(manifest(service.kind, type, documentData(type, entries, form), options))
    }
    if (manifests.length === 0)
      throw new ExitError(
        1,
        `nothing to import from ${options.service}${options.match === undefined ? '' : ` that matches ${options.match}`}`,
      )
    print(manifests, options)
    return 0
  } finally {
    await client.close()
  }
}

function matcher(text: string | undefined): (name: string) => boolean {
  if (text === undefined) return () => true
  try {
    const expression = new RegExp(text, 'u')
    return (name) => expression.test(name)
  } catch {
    throw new ExitError(1, `--match ${JSON.stringify(text)} is not a regular expression`)
  }
}

async function read(
  type: ResourceType<Resource>,
  client: ServiceClient<Resource>,
  matches: (name: string) => boolean,
  signal: AbortSignal,
): Promise<Imported> {
  const names = (await client.list(type.name, signal)).filter(matches).sort()
  const observed = names.length === 0 ? [] : await client.observe(type.name, names, signal)
  const written = observed
    .map((resource) => [resource.name, type.toWritten(resource)] as const)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return { entries: new Map(written), internal: observed.length - written.length }
}

function manifest(
  component: string,
  type: ResourceType<Resource>,
  data: Readonly<Record<string, string>>,
  options: ImportOptions,
): object {
  const { namespace, err } = options
  const name = options.name ?? `${component}-${type.name}-desired`
  const size = Object.values(data).reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  if (size > maxDataBytes) {
    const packed = type.definition === undefined ? '' : ', and gzip definitions into binaryData as <key>.gz'
    line(
      err,
      `${name} is larger than a ConfigMap can be (1 MiB): import it in parts with --match and --name${packed}`,
    )
  }
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { 'infometis.component': component, 'infometis.config-type': type.name },
    },
    data,
  }
}

function print(manifests: readonly object[], { out, output }: ImportOptions): void {
  const [first] = manifests
  if (output === 'json')
    json(out, manifests.length === 1 ? first : { apiVersion: 'v1', kind: 'List', items: manifests })
  else
    out.write(manifests.map((each) => stringify(each, { lineWidth: 0, blockQuote: 'literal' })).join('---\n'))
}
