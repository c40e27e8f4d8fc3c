import { type Fields, fieldsOf, listOf, type Manifest } from '../../src/environments/manifest.ts'
import { containersOf, podTemplate, selects } from '../../src/environments/pods.ts'

export interface Flow {
  readonly from: Manifest
  readonly to: Manifest
  readonly port: number
}

/**
 * Whether the NetworkPolicies of one namespace let a pod of one workload connect to a pod of another, as Kubernetes defines it: a
 * direction that no policy names is open, otherwise one rule must allow it. Peers are pods of the namespace: the test cluster's
 * network does not enforce policies, so this reads them instead.
 */
export function lets(policies: readonly Manifest[], { from, to, port }: Flow): boolean {
  const [sender, receiver] = [labelsOf(from), labelsOf(to)]
  return (
    allows(policies, {
      type: 'Egress',
      rules: 'egress',
      peers: 'to',
      own: sender,
      other: receiver,
      port,
      to,
    }) &&
    allows(policies, {
      type: 'Ingress',
      rules: 'ingress',
      peers: 'from',
      own: receiver,
      other: sender,
      port,
      to,
    })
  )
}

interface Side {
  readonly type: 'Egress' | 'Ingress'
  readonly rules: 'egress' | 'ingress'
  readonly peers: 'to' | 'from'
  readonly own: Fields
  readonly other: Fields
  readonly port: number
  /** Its containers say what a port's name means. */
  readonly to: Manifest
}

function allows(policies: readonly Manifest[], side: Side): boolean {
  const own = policies
    .map(({ spec }) => fieldsOf(spec))
    .filter(
      (spec) => listOf(spec['policyTypes']).includes(side.type) && selects(spec['podSelector'], side.own),
    )
  if (own.length === 0) return true
  return own.some((spec) => listOf(spec[side.rules]).some((rule) => matches(fieldsOf(rule), side)))
}

function matches(rule: Fields, { peers, other, port, to }: Side): boolean {
  const [ports, wanted] = [rule['ports'], rule[peers]]
  const portFits =
    ports === undefined || listOf(ports).some((each) => numberOf(fieldsOf(each)['port'], to) === port)
  return portFits && (wanted === undefined || listOf(wanted).some((peer) => isPod(fieldsOf(peer), other)))
}

function isPod({ podSelector, namespaceSelector, ipBlock }: Fields, labels: Fields): boolean {
  return namespaceSelector === undefined && ipBlock === undefined && selects(podSelector, labels)
}

function numberOf(port: unknown, workload: Manifest): unknown {
  return typeof port === 'string' ? containerPorts(workload).get(port) : port
}

/** The ports that a workload's containers name. */
export function containerPorts(workload: Manifest): ReadonlyMap<string, number> {
  const template = podTemplate(workload)
  const ports =
    template === undefined ? [] : containersOf(template).flatMap(({ fields }) => listOf(fields['ports']))
  return new Map(ports.map(fieldsOf).map(({ name, containerPort }) => [String(name), Number(containerPort)]))
}

export function labelsOf(workload: Manifest): Fields {
  return podTemplate(workload)?.labels ?? {}
}
