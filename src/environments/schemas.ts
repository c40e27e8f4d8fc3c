import { Ajv, type ValidateFunction } from 'ajv'
import { fieldsOf, groupOf, type Manifest } from './manifest.ts'
import { faultsOf, type SchemaFault } from './schema-fault.ts'
import type { SchemaSet } from './schema-set.ts'

/** What is known of kinds without asking a server. */
export interface Schemas {
  /** Everything that an object's schema refuses; undefined where there is no schema of its kind. */
  check(manifest: Manifest): readonly SchemaFault[] | undefined
  /** True for a kind that is known to belong to no namespace. */
  isClusterScoped(manifest: Manifest): boolean
}

/** The sets that come with the project. They are read only now: a running reconciler has no use for them. */
export async function loadSchemas(): Promise<Schemas> {
  const [kubernetes, flux, traefik] = await Promise.all([
    import('./schemas/kubernetes.json', { with: { type: 'json' } }),
    import('./schemas/flux.json', { with: { type: 'json' } }),
    import('./schemas/traefik.json', { with: { type: 'json' } }),
  ])
  return schemasOf({ kubernetes: kubernetes.default, flux: flux.default, traefik: traefik.default })
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const int32 = { type: 'number', validate: (value: number) => Math.abs(value) <= 2 ** 31 } as const

/** A kind's schema is made ready when its first object comes. */
function schemasOf(sets: Readonly<Record<string, SchemaSet>>): Schemas {
  const ajv = new Ajv({
    strict: false,
    allErrors: true,
    verbose: true,
    unicodeRegExp: false,
    inlineRefs: false,
    // A check is run a few dozen times: making it smaller takes longer than running it.
    code: { optimize: false },
    formats: { byte: base64, int32, int64: true, 'date-time': true },
  })
  const places = new Map<string, string>()
  const clusterScoped = new Set(Object.values(sets).flatMap((set) => set.clusterScoped))
  for (const [name, { kinds, definitions }] of Object.entries(sets)) {
    ajv.addSchema({ $id: `${name}.json`, definitions })
    for (const [kind, definition] of Object.entries(kinds))
      places.set(kind, `${name}.json#/definitions/${definition}`)
  }
  return {
    check: (manifest) => {
      const validate = validatorOf(ajv, places.get(`${manifest.apiVersion}/${manifest.kind}`))
      if (validate === undefined) return undefined
      const looked = withoutEncryption(manifest)
      return validate(looked) ? [] : faultsOf(validate.errors ?? [], looked)
    },
    isClusterScoped: (manifest) => clusterScoped.has(`${groupOf(manifest)}/${manifest.kind}`),
  }
}

function validatorOf(ajv: Ajv, place: string | undefined): ValidateFunction | undefined {
  return place === undefined ? undefined : ajv.getSchema(place)
}

/** What SOPS adds to an object is taken away again before a cluster sees it, and what it encrypted may be anything. */
function withoutEncryption(manifest: Manifest): Manifest {
  const { sops, ...rest } = manifest
  if (sops === undefined) return manifest
  return { ...rest, ...(rest['data'] === undefined ? {} : { data: emptied(rest['data']) }) }
}

function emptied(value: unknown): unknown {
  return Object.fromEntries(
    Object.entries(fieldsOf(value)).map(([key, each]) => [key, isEncrypted(each) ? '' : each]),
  )
}

/** True for a value as SOPS writes it. */
export function isEncrypted(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith('ENC[')
}
