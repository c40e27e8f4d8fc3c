import { parseDocument } from 'yaml'
import { type Environment, type EnvironmentObject, type Finding, ofKind } from './environment.ts'
import { type Fields, fieldsOf, isFields, listOf, type Path, valueAt } from './manifest.ts'
import { type Border, type Route, signIns, type Target, wantsCertificate, type Where } from './routes.ts'

/** The routes that Traefik reads from a file (its file provider): texts of ConfigMaps that hold `http`, `tcp` or `tls`. */
export function fileBorder(environment: Environment): Border {
  const texts = ofKind(environment, 'ConfigMap').flatMap(routeTexts)
  const entries = (...steps: Path): readonly Entry[] => texts.flatMap((text) => entriesAt(text, steps))
  const options = entries('tls', 'options')
  const parts = ['http', 'tcp'].map((protocol) => {
    const known = {
      services: entries(protocol, 'services'),
      middlewares: entries(protocol, 'middlewares'),
      options,
    }
    const routers = entries(protocol, 'routers')
    return {
      routes: routers.map((router) => fileRoute(router, known)),
      targets: known.services.flatMap(serviceTargets),
      broken: [
        ...routers.flatMap((router) => brokenNames(router, known)),
        ...known.middlewares.flatMap((middleware) =>
          namesIn(middleware, ['chain', 'middlewares'], known.middlewares, 'middleware'),
        ),
      ],
    }
  })
  return {
    routes: parts.flatMap((part) => part.routes),
    targets: parts.flatMap((part) => part.targets),
    broken: [...texts.flatMap(unreadable), ...parts.flatMap((part) => part.broken)],
  }
}

interface RouteText {
  readonly object: EnvironmentObject
  readonly key: string
  readonly content: Fields
  /** Why it cannot be read. */
  readonly error?: string
}

/** A named part of a file of routes. */
interface Entry {
  readonly where: Where & { readonly within: Path }
  readonly name: string
  readonly fields: Fields
}

interface Known {
  readonly services: readonly Entry[]
  readonly middlewares: readonly Entry[]
  readonly options: readonly Entry[]
}

function routeTexts(object: EnvironmentObject): readonly RouteText[] {
  if (object.manifest.metadata.labels?.['infometis.component'] !== undefined) return []
  return Object.entries(fieldsOf(object.manifest['data'])).flatMap(([key, text]) => {
    if (typeof text !== 'string' || !/^(http|tcp|tls):/m.test(text)) return []
    const document = parseDocument(text)
    const [error] = document.errors
    if (error !== undefined) return [{ object, key, content: {}, error: error.message.split('\n')[0] ?? '' }]
    const content: unknown = document.toJS()
    return isFields(content) ? [{ object, key, content }] : []
  })
}

function unreadable({ object, key, error }: RouteText): readonly Finding[] {
  return error === undefined ? [] : [{ object, path: ['data', key], message: `cannot be read: ${error}` }]
}

function entriesAt({ object, key, content }: RouteText, steps: Path): readonly Entry[] {
  return Object.entries(fieldsOf(valueAt(content, steps))).map(([name, fields]) => ({
    where: { object, path: ['data', key], within: [...steps, name] },
    name,
    fields: fieldsOf(fields),
  }))
}

function fileRoute(router: Entry, known: Known): Route {
  const { tls, middlewares } = router.fields
  const passed = listOf(middlewares).flatMap((name) => reached(String(name), known.middlewares))
  return {
    where: router.where,
    title: `router ${router.name}`,
    tls: tls !== undefined && tls !== false,
    signsIn:
      passed.some(({ fields }) => Object.keys(fields).some((type) => signIns.has(type))) ||
      wantsCertificate(fieldsOf(tls), (name) => entryNamed(known.options, name)?.fields),
    redirects: passed.some(({ fields }) => fieldsOf(fields['redirectScheme'])['scheme'] === 'https'),
  }
}

/** A middleware and, of a chain, all that it is made of. */
function reached(name: string, all: readonly Entry[], within: readonly string[] = []): readonly Entry[] {
  const entry = entryNamed(all, name)
  if (entry === undefined || within.includes(name)) return []
  const chain = listOf(fieldsOf(entry.fields['chain'])['middlewares'])
  return [entry, ...chain.flatMap((each) => reached(String(each), all, [...within, name]))]
}

function entryNamed(all: readonly Entry[], name: string): Entry | undefined {
  return all.find((each) => each.name === name.replace(/@file$/, ''))
}

function brokenNames(router: Entry, known: Known): readonly Finding[] {
  const { service, tls } = router.fields
  const options = fieldsOf(tls)['options']
  return [
    ...(typeof service === 'string'
      ? nameFinding(router, ['service'], service, known.services, 'service')
      : []),
    ...namesIn(router, ['middlewares'], known.middlewares, 'middleware'),
    ...(typeof options === 'string'
      ? nameFinding(router, ['tls', 'options'], options, known.options, 'TLS option')
      : []),
  ]
}

function namesIn(entry: Entry, steps: Path, all: readonly Entry[], noun: string): readonly Finding[] {
  const names = listOf(valueAt(entry.fields, steps))
  return names.flatMap((name, index) => nameFinding(entry, [...steps, index], String(name), all, noun))
}

/** Names with another provider than the file are not of this file. */
function nameFinding(
  { where }: Entry,
  steps: Path,
  name: string,
  all: readonly Entry[],
  noun: string,
): readonly Finding[] {
  if ((name.includes('@') && !name.endsWith('@file')) || entryNamed(all, name) !== undefined) return []
  if (noun === 'TLS option' && name === 'default') return []
  const known = all.map((each) => each.name).join(', ')
  const message = `there is no ${noun} ${name}; there are ${known === '' ? 'none' : known}`
  return [{ ...where, within: [...where.within, ...steps], message }]
}

function serviceTargets({ where, fields }: Entry): readonly Target[] {
  const servers = listOf(fieldsOf(fields['loadBalancer'])['servers'])
  return servers.flatMap((each, index) => {
    const { url, address } = fieldsOf(each)
    const within = [...where.within, 'loadBalancer', 'servers', index]
    const found =
      typeof url === 'string' ? ofUrl(url) : typeof address === 'string' ? ofAddress(address) : undefined
    return found === undefined ? [] : [{ where: { ...where, within }, ...found }]
  })
}

function ofUrl(text: string): Pick<Target, 'host' | 'port'> | undefined {
  const url = URL.parse(text.replace(/^h2c:/, 'http:'))
  if (url === null) return undefined
  return { host: url.hostname, port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80) }
}

function ofAddress(text: string): Pick<Target, 'host' | 'port'> | undefined {
  const [, host, port] = /^(.+):(\d+)$/.exec(text) ?? []
  return host === undefined ? undefined : { host, port: Number(port) }
}
