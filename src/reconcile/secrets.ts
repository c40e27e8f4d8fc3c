import { type AllowedUrls, isAllowed } from '../core/allowed-url.ts'
import type { Ignore } from '../core/diff.ts'
import { type Fields, type Json, type Resource, type ResourceKey, keyOf } from '../core/resource.ts'
import { SecretValues, fingerprintOf } from '../core/secret-values.ts'
import type { Objection } from '../core/verdicts.ts'
import type { ResourceType, SecretReference } from './resource-type.ts'

/** A Secret, as far as documents may use it. */
export interface Secret {
  /** The word of `infometis.io/usable-by`: `component/type`, or `component` for all types of it. */
  readonly usableBy: ReadonlySet<string>
  /** Where a service may send its values. */
  readonly allowedUrls: AllowedUrls
  readonly data: ReadonlyMap<string, Uint8Array>
}

/** Why something is not to be had: a sentence that names it and the way out. */
export interface NotUsable {
  readonly problem: string
}

/**
 * Where Secrets are read, anew for each plan. `unread`: not to be had here, and nobody's fault (a plan without a cluster). Throws a
 * retryable ReconcileError when there is no answer.
 */
export interface SecretSource {
  read(namespace: string, name: string, signal: AbortSignal): Promise<Secret | NotUsable | 'unread'>
  /** What fingerprints are made with; asked for only when a value was read. */
  fingerprintKey(signal: AbortSignal): Promise<Uint8Array | NotUsable | 'unread'>
}

/** An entry whose Secret cannot be used, and why. */
interface Unresolved<R extends Resource> extends Objection {
  readonly resource: R
}

export interface Resolved<R extends Resource> {
  /** With fingerprints and values; without the entries that cannot be resolved. */
  readonly desired: readonly R[]
  readonly rejections: readonly Unresolved<R>[]
  /** Paths whose values are not known here: neither equal to what is there nor different from it. */
  readonly uncompared: ReadonlyMap<ResourceKey, readonly string[]>
}

/** Whose Secrets these are. */
interface Reader {
  /** The component: `kafka`. */
  readonly kind: string
  /** The document's. */
  readonly namespace: string
  /** Of the document: what is never compared. */
  readonly ignore?: Ignore
}

/** So many Secrets are asked for at a time. */
const atOnce = 8

/** Desired with the values of its Secrets. What cannot be resolved is an objection to that entry alone. */
export async function resolveSecrets<R extends Resource>(
  type: ResourceType<R>,
  desired: readonly R[],
  reader: Reader,
  source: SecretSource,
  signal: AbortSignal,
): Promise<Resolved<R>> {
  const references = new Map<R, readonly SecretReference[]>()
  for (const each of desired) {
    const mine = type.secrets?.(each) ?? []
    if (mine.length > 0) references.set(each, mine)
  }
  if (references.size === 0) return { desired, rejections: [], uncompared: new Map() }
  const names = new Set([...references.values()].flat().map(({ secret }) => secret.name))
  const found = await readAll([...names], reader.namespace, source, signal)
  const all = desired.map((resource) => {
    const mine = references.get(resource) ?? []
    const sees = seenBy(reader, resource)
    return { resource, values: mine.map((each) => sees(each) ?? valueOf(type, each, reader, found)) }
  })
  const isRead = all.some(({ values }) => values.some((each) => 'text' in each))
  const key = isRead ? await source.fingerprintKey(signal) : 'unread'
  const good: R[] = []
  const rejections: Unresolved<R>[] = []
  const uncompared = new Map<ResourceKey, readonly string[]>()
  for (const { resource, values } of all) {
    const problems = problemsOf(values, key)
    if (problems.length > 0) {
      rejections.push({ resource, code: 'SecretNotUsable', message: problems.join('; ') })
      continue
    }
    good.push(values.length === 0 ? resource : withValues(resource, values, key))
    const paths = values.filter((each) => !isCompared(each, key)).map(({ path }) => path)
    if (paths.length > 0) uncompared.set(keyOf(resource), paths)
  }
  return { desired: good, rejections, uncompared }
}

/**
 * What is not compared is taken as it was last applied, else as it stands; where nothing stands, it shows which Secret it would come
 * from.
 */
export function asItStands<R extends Resource>(
  desired: readonly R[],
  uncompared: Resolved<R>['uncompared'],
  ...known: readonly ReadonlyMap<ResourceKey, { readonly fields: Fields }>[]
): readonly R[] {
  if (uncompared.size === 0) return desired
  return desired.map((each) => {
    const there = known.map((all) => all.get(keyOf(each))?.fields)
    const fields = new Map(each.fields)
    for (const path of uncompared.get(keyOf(each)) ?? []) {
      const value = there.map((of) => of?.get(path)).find((found) => found !== undefined)
      if (value !== undefined) fields.set(path, value)
    }
    return { ...each, fields }
  })
}

type Found = ReadonlyMap<string, Secret | NotUsable | 'unread'>

async function readAll(
  names: readonly string[],
  namespace: string,
  source: SecretSource,
  signal: AbortSignal,
): Promise<Found> {
  const found = new Map<string, Secret | NotUsable | 'unread'>()
  for (let at = 0; at < names.length; at += atOnce) {
    const some = names.slice(at, at + atOnce)
    const read = async (name: string) =>
      secretName.test(name)
        ? source.read(namespace, name, signal)
        : { problem: `"${name}" is no name of a Secret` }
    await Promise.all(some.map(async (name) => found.set(name, await read(name))))
  }
  return found
}

/** As Kubernetes names Secrets; nothing else becomes part of a path. */
const secretName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

/** One reference: its value, why there is none, or neither where Secrets are not read. */
type Value = SecretReference & (NotUsable | { readonly text: string } | { readonly unread: true })

/** What is ignored is not looked after: a service that has the value would send it on wherever the resource leads by then. */
function seenBy({ ignore }: Reader, { name }: Resource): (reference: SecretReference) => Value | undefined {
  return (reference) =>
    reference.url === undefined || ignore?.(name, reference.path) !== true
      ? undefined
      : {
          ...reference,
          problem: `${reference.path} is ignored, so nothing sees to it that its value goes to ${reference.url} alone: take it out of infometis.io/ignore, or out of the document`,
        }
}

function valueOf<R extends Resource>(
  type: ResourceType<R>,
  reference: SecretReference,
  { kind, namespace }: Reader,
  found: Found,
): Value {
  const { name, key } = reference.secret
  const secret = found.get(name)
  if (secret === undefined || secret === 'unread') return { ...reference, unread: true }
  if ('problem' in secret) return { ...reference, problem: secret.problem }
  const what = `the Secret ${name} in namespace ${namespace}`
  if (!secret.usableBy.has(kind) && !secret.usableBy.has(`${kind}/${type.name}`)) {
    const problem = `${what} may not be used here: it lacks the annotation infometis.io/usable-by: ${kind}/${type.name}`
    return { ...reference, problem }
  }
  if (reference.url !== undefined && !isAllowed(reference.url, secret.allowedUrls)) {
    const problem = `${what} may not be sent to ${reference.url}: its annotation infometis.io/allowed-urls does not name that address`
    return { ...reference, problem }
  }
  const bytes = secret.data.get(key)
  if (bytes === undefined) return { ...reference, problem: `${what} has no key ${key}` }
  if (bytes.length === 0) return { ...reference, problem: `${what} has an empty value under the key ${key}` }
  const text = textOf(bytes)
  if (text === undefined)
    return { ...reference, problem: `${what}: the value under ${key} is not UTF-8 text` }
  return { ...reference, text }
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

type Key = Awaited<ReturnType<SecretSource['fingerprintKey']>>

/** What is wrong with an entry, each thing once. */
function problemsOf(values: readonly Value[], key: Key): readonly string[] {
  const problems = values.flatMap((each) => ('problem' in each ? [each.problem] : []))
  if (values.length > 0 && typeof key === 'object' && 'problem' in key) problems.push(key.problem)
  return [...new Set(problems)]
}

function isCompared(value: Value, key: Key): boolean {
  return 'text' in value && key instanceof Uint8Array
}

function withValues<R extends Resource>(resource: R, values: readonly Value[], key: Key): R {
  const fields = new Map<string, Json>(resource.fields)
  const texts = new Map<string, string>()
  for (const value of values) {
    const { path, secret } = value
    fields.set(path, { secret: `${secret.name}/${secret.key}` })
    if (!('text' in value)) continue
    texts.set(path, value.text)
    if (key instanceof Uint8Array) fields.set(path, fingerprintOf(key, value.text))
  }
  return { ...resource, fields, ...(texts.size === 0 ? {} : { secrets: new SecretValues(texts) }) }
}
