import { nearest } from '../core/nearest.ts'
import {
  borderAnnotation,
  type Environment,
  type EnvironmentRule,
  type Finding,
  namespaceOf,
  ofKind,
} from './environment.ts'
import { fileBorder } from './file-routes.ts'
import { fieldsOf, listOf, type Manifest, nameOf } from './manifest.ts'
import { objectBorder } from './object-routes.ts'
import { makesPod } from './pods.ts'
import type { Route, Target } from './routes.ts'

/** How people come in. */
export const borderRules: readonly EnvironmentRule[] = [
  {
    code: 'RoutesLead',
    says: 'A route leads to a Service and a port of its environment.',
    judge: (environment) => {
      const borders = [fileBorder(environment), objectBorder(environment)]
      return borders.flatMap(({ targets, broken }) => [
        ...broken,
        ...targets.flatMap((target) => targetFinding(target, environment)),
      ])
    },
  },
  {
    code: 'BorderProtected',
    says: 'Whoever comes in comes over TLS and says who they are, unless the border is plain on purpose.',
    judge: (environment) => {
      if (isPlain(environment)) return []
      const routes = [fileBorder(environment), objectBorder(environment)].flatMap((border) => border.routes)
      return routes.flatMap((route) => flawOfRoute(route))
    },
  },
]

function isPlain({ objects }: Environment): boolean {
  return objects.some(({ manifest }) => manifest.metadata.annotations?.[borderAnnotation] === 'plain')
}

function flawOfRoute({ where, title, tls, signsIn, redirects }: Route): readonly Finding[] {
  if (redirects) return []
  const plain = `or say ${borderAnnotation}: plain where this is a machine of one's own`
  if (!tls) return [{ ...where, message: `${title} is in the clear: give it tls, ${plain}` }]
  if (signsIn) return []
  const way =
    'give it a middleware with basicAuth, digestAuth or forwardAuth, or a TLS option that wants a client certificate'
  return [{ ...where, message: `${title} lets anybody in: ${way}, ${plain}` }]
}

/** `nifi`, `nifi.<namespace>.svc`, and `kafka-0.kafka-brokers` for one pod of a StatefulSet. */
function targetFinding({ where, host, port }: Target, environment: Environment): readonly Finding[] {
  const [first = '', second, ...more] = host.replace(/\.svc(\.cluster\.local)?$/, '').split('.')
  if (more.length > 1 || /^\d+$/.test(first)) return []
  const services = ofKind(environment, 'Service').map(({ manifest }) => manifest)
  const named = (name: string | undefined): Manifest | undefined =>
    services.find(({ metadata }) => metadata.name === name)
  const namespace = namespaceOf(environment)
  const direct = second === undefined || second === namespace ? named(first) : undefined
  const service = direct ?? podService(named(second), first, environment)
  if (service === undefined) {
    const names = services.map(({ metadata }) => metadata.name)
    const near = nearest(first, names)
    const hint = near === undefined ? `there are ${names.join(', ')}` : `did you mean ${near}?`
    return [{ ...where, message: `there is no Service ${host} in this environment; ${hint}` }]
  }
  const ports = listOf(fieldsOf(service['spec'])['ports']).map(fieldsOf)
  if (ports.some((each) => Number(each['port']) === Number(port) || nameOf(each) === port)) return []
  const known = ports.map((each) => String(Number(each['port']))).join(', ')
  return [{ ...where, message: `Service ${service.metadata.name} has no port ${port}; there are ${known}` }]
}

/** A headless Service gives each pod of its StatefulSet a name. */
function podService(
  service: Manifest | undefined,
  pod: string,
  environment: Environment,
): Manifest | undefined {
  const owner = environment.objects.find(({ manifest }) => makesPod(manifest, pod))
  const { serviceName } = fieldsOf(owner?.manifest['spec'])
  return owner !== undefined && serviceName === service?.metadata.name ? service : undefined
}
