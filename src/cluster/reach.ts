import { borderAnnotation, expectsAnnotation } from '../environments/environment.ts'
import { fieldsOf, listOf, type Manifest, valueAt } from '../environments/manifest.ts'
import type { Environment, ObjectName } from './environment.ts'

/** Where people come in: with the ports that a border without a load balancer has, or at its usual ones. */
export interface BorderPorts {
  readonly http: number
  readonly https: number
}

/** The address of every route of the environment, wherever it is written: in the text of a ConfigMap or as an object. */
export function addressesOf(
  { manifests }: Environment,
  ports: BorderPorts = { http: 80, https: 443 },
): readonly string[] {
  const isPlain = manifests.some(({ metadata }) => metadata.annotations?.[borderAnnotation] === 'plain')
  const address = (host: string): string => {
    const url = new URL(isPlain ? `http://${host}` : `https://${host}`)
    url.port = String(isPlain ? ports.http : ports.https)
    return url.href
  }
  const text = manifests.map((each) => JSON.stringify(each)).join('\n')
  const hosts = [...text.matchAll(/\bHost\(([^)]*)\)/g)].flatMap(([, names = '']) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, host = '']) => host),
  )
  return [...new Set(hosts)].sort().map(address)
}

/** What the environment uses and others bring: `Secret/border-users`. */
export function expectationsOf({ manifests }: Environment): readonly string[] {
  const texts = manifests.flatMap(({ metadata }) => metadata.annotations?.[expectsAnnotation] ?? [])
  return [...new Set(texts.flatMap((each) => each.split(',').map((name) => name.trim())))].sort()
}

/** A Service that a person can look at with a browser, by a port-forward. */
export interface WebPort extends ObjectName {
  readonly port: number
}

export function webPortsOf({ manifests }: Environment): readonly WebPort[] {
  return manifests
    .filter(({ kind, spec }) => kind === 'Service' && fieldsOf(spec)['clusterIP'] !== 'None')
    .flatMap((service) => {
      const web = listOf(valueAt(service, ['spec', 'ports']))
        .map(fieldsOf)
        .find(isWeb)
      const { name, namespace = 'default' } = service.metadata
      return web === undefined || isReconciler(service)
        ? []
        : [{ name, namespace, port: Number(web['port']) }]
    })
}

function isWeb({ name }: Readonly<Record<string, unknown>>): boolean {
  return name === 'http'
}

function isReconciler({ metadata }: Manifest): boolean {
  return metadata.labels?.['app.kubernetes.io/name'] === 'infometis'
}
