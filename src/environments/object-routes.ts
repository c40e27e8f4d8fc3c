import { type Environment, type EnvironmentObject, expected, ofKind } from './environment.ts'
import { type Fields, fieldsOf, isFields, listOf, type Path, titleOf } from './manifest.ts'
import { type Border, type Route, signIns, type Target, wantsCertificate } from './routes.ts'

/** The routes that are objects of Kubernetes: those of Traefik's own kinds, and Ingresses. */
export function objectBorder(environment: Environment): Border {
  const routes = ofKind(environment, 'IngressRoute', 'IngressRouteTCP').flatMap((object) =>
    listOf(fieldsOf(object.manifest['spec'])['routes']).map((route, index) => ({
      object,
      path: ['spec', 'routes', index],
      fields: fieldsOf(route),
    })),
  )
  const ingresses = ofKind(environment, 'Ingress')
  return {
    routes: [
      ...routes.map(({ object, path, fields }) => objectRoute(environment, object, path, fields)),
      ...ingresses.map((object) => ingressRoute(environment, object)),
    ],
    targets: [
      ...routes.flatMap(({ object, path, fields }) => routeTargets(object, path, fields)),
      ...ingresses.flatMap(ingressTargets),
    ],
    broken: [],
  }
}

function objectRoute(environment: Environment, object: EnvironmentObject, path: Path, fields: Fields): Route {
  const { tls } = fieldsOf(object.manifest['spec'])
  const names = listOf(fields['middlewares']).map((each) => String(fieldsOf(each)['name']))
  const optionsNamed = (name: string): Fields | undefined =>
    fieldsOf(specNamed(environment, 'TLSOption', name))
  return {
    where: { object, path },
    title: titleOf(object.manifest),
    tls: isFields(tls),
    signsIn:
      names.some((name) => signsIn(environment, name)) ||
      (isFields(tls) && wantsCertificate(tls, optionsNamed)),
    redirects: names.some(
      (name) => fieldsOf(specNamed(environment, 'Middleware', name)['redirectScheme'])['scheme'] === 'https',
    ),
  }
}

function specNamed(environment: Environment, kind: string, name: string): Fields {
  const found = ofKind(environment, kind).find(({ manifest }) => manifest.metadata.name === name)
  return fieldsOf(found?.manifest['spec'])
}

/** A middleware that others bring is taken to be the platform's sign-in: for anything else there is no need of theirs. */
function signsIn(environment: Environment, name: string, within: readonly string[] = []): boolean {
  if (expected(environment).has(`Middleware/${name}`)) return true
  if (within.includes(name)) return false
  const spec = specNamed(environment, 'Middleware', name)
  const chain = listOf(fieldsOf(spec['chain'])['middlewares']).map((each) => String(fieldsOf(each)['name']))
  return (
    Object.keys(spec).some((type) => signIns.has(type)) ||
    chain.some((each) => signsIn(environment, each, [...within, name]))
  )
}

function routeTargets(object: EnvironmentObject, path: Path, fields: Fields): readonly Target[] {
  return listOf(fields['services']).flatMap((each, index) => {
    const { name, port, kind, namespace } = fieldsOf(each)
    const elsewhere = namespace !== undefined && namespace !== object.manifest.metadata.namespace
    if (typeof name !== 'string' || kind === 'TraefikService' || elsewhere) return []
    const where = { object, path: [...path, 'services', index] }
    return typeof port === 'string' || typeof port === 'number' ? [{ where, host: name, port }] : []
  })
}

const ingressMiddlewares = 'traefik.ingress.kubernetes.io/router.middlewares'

function ingressRoute(environment: Environment, object: EnvironmentObject): Route {
  const { metadata } = object.manifest
  const names = (metadata.annotations?.[ingressMiddlewares] ?? '').split(',').map((name) =>
    name
      .trim()
      .replace(/@kubernetescrd$/, '')
      .replace(`${metadata.namespace ?? ''}-`, ''),
  )
  return {
    where: { object, path: ['spec'] },
    title: titleOf(object.manifest),
    tls: listOf(fieldsOf(object.manifest['spec'])['tls']).length > 0,
    signsIn: names.some((name) => signsIn(environment, name)),
    redirects: false,
  }
}

function ingressTargets(object: EnvironmentObject): readonly Target[] {
  const { rules } = fieldsOf(object.manifest['spec'])
  return listOf(rules).flatMap((rule, at) =>
    listOf(fieldsOf(fieldsOf(rule)['http'])['paths']).flatMap((each, index) => {
      const { name, port } = fieldsOf(fieldsOf(fieldsOf(each)['backend'])['service'])
      const wanted = fieldsOf(port)['number'] ?? fieldsOf(port)['name']
      const path = ['spec', 'rules', at, 'http', 'paths', index, 'backend', 'service']
      const isPort = typeof wanted === 'number' || typeof wanted === 'string'
      return typeof name === 'string' && isPort ? [{ where: { object, path }, host: name, port: wanted }] : []
    }),
  )
}
