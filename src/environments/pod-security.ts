import { type Fields, fieldsOf, isFields, listOf, type Path, valueAt } from './manifest.ts'
import { type Container, containersOf, type PodTemplate } from './pods.ts'

/** What Pod Security `restricted` (Kubernetes 1.34) refuses, at its place. */
export interface SecurityFault {
  readonly path: Path
  readonly message: string
}

type Pod = Omit<PodTemplate, 'object'>

/** Everything that a namespace that enforces `restricted` would refuse a pod for. Pods of Windows are judged like others. */
export function restrictedFaults(pod: Pod): readonly SecurityFault[] {
  return [...podFaults(pod), ...containersOf(pod).flatMap((container) => containerFaults(container, pod))]
}

const hostFields = ['hostNetwork', 'hostPID', 'hostIPC']
const volumeTypes = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
])
const safeSysctls = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
])
const seLinuxTypes = new Set(['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'])
const appArmorAnnotation = 'container.apparmor.security.beta.kubernetes.io/'

function podFaults(pod: Pod): readonly SecurityFault[] {
  const { path, spec, annotations } = pod
  const at = (...steps: Path): Path => [...path, 'spec', ...steps]
  const context = fieldsOf(spec['securityContext'])
  const sysctls = listOf(context['sysctls']).map(fieldsOf)
  return [
    ...hostFields
      .filter((field) => spec[field] === true)
      .map((field) => ({ path: at(field), message: 'shares the node with its pod: leave it out' })),
    ...listOf(spec['volumes']).flatMap((volume, index) =>
      volumeFaults(fieldsOf(volume), at('volumes', index)),
    ),
    ...sysctls.flatMap(({ name }, index) =>
      safeSysctls.has(String(name))
        ? []
        : [{ path: at('securityContext', 'sysctls', index), message: 'is not among the safe sysctls' }],
    ),
    ...Object.entries(annotations)
      .filter(([key, value]) => key.startsWith(appArmorAnnotation) && !isConfined(String(value)))
      .map(([key]) => ({
        path: [...path, 'metadata', 'annotations', key],
        message: 'switches AppArmor off: leave it out',
      })),
    ...contextFaults(context, at('securityContext')),
  ]
}

function isConfined(profile: string): boolean {
  return profile === '' || profile === 'runtime/default' || profile.startsWith('localhost/')
}

function volumeFaults(volume: Fields, path: Path): readonly SecurityFault[] {
  return Object.keys(volume)
    .filter((field) => field !== 'name' && !volumeTypes.has(field))
    .map((field) => ({
      path: [...path, field],
      message: `a volume of this type is not allowed by Pod Security restricted; there are ${[...volumeTypes].join(', ')}`,
    }))
}

/** What holds for the security context of a pod and of a container alike. */
function contextFaults(context: Fields, path: Path): readonly SecurityFault[] {
  const seccomp = fieldsOf(context['seccompProfile'])['type']
  const appArmor = fieldsOf(context['appArmorProfile'])['type']
  const linux = fieldsOf(context['seLinuxOptions'])
  const wrong: readonly (readonly [boolean, Path, string])[] = [
    [context['runAsNonRoot'] === false, ['runAsNonRoot'], 'must be true'],
    [context['runAsUser'] === 0, ['runAsUser'], 'must not be 0, which is root'],
    [seccomp === 'Unconfined', ['seccompProfile', 'type'], 'must be RuntimeDefault or Localhost'],
    [appArmor === 'Unconfined', ['appArmorProfile', 'type'], 'must be RuntimeDefault or Localhost'],
    [!seLinuxTypes.has(text(linux['type'])), ['seLinuxOptions', 'type'], 'must be container_t or its like'],
    [text(linux['user']) !== '', ['seLinuxOptions', 'user'], 'must not be set'],
    [text(linux['role']) !== '', ['seLinuxOptions', 'role'], 'must not be set'],
    [
      fieldsOf(context['windowsOptions'])['hostProcess'] === true,
      ['windowsOptions', 'hostProcess'],
      'must not be true',
    ],
  ]
  return wrong.filter(([is]) => is).map(([, steps, message]) => ({ path: [...path, ...steps], message }))
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function containerFaults({ path, fields }: Container, { spec }: Pod): readonly SecurityFault[] {
  const context = fieldsOf(fields['securityContext'])
  const ofPod = fieldsOf(spec['securityContext'])
  const at = (...steps: Path): Path => [...path, 'securityContext', ...steps]
  const capabilities = fieldsOf(context['capabilities'])
  const added = listOf(capabilities['add']).filter((each) => each !== 'NET_BIND_SERVICE')
  const runsAsRoot = (context['runAsNonRoot'] ?? ofPod['runAsNonRoot']) !== true
  const wrong: readonly (readonly [boolean, Path, string])[] = [
    [context['privileged'] === true, at('privileged'), 'gives the container the whole node: leave it out'],
    [context['allowPrivilegeEscalation'] !== false, at('allowPrivilegeEscalation'), 'must be false'],
    [!listOf(capabilities['drop']).includes('ALL'), at('capabilities', 'drop'), 'must be [ALL]'],
    [added.length > 0, at('capabilities', 'add'), 'may be NET_BIND_SERVICE only'],
    [
      runsAsRoot && context['runAsNonRoot'] !== false,
      at('runAsNonRoot'),
      'must be true, here or for the whole pod',
    ],
    [
      !isFields(context['seccompProfile']) && !isFields(ofPod['seccompProfile']),
      at('seccompProfile'),
      'must be {type: RuntimeDefault}, here or for the whole pod',
    ],
    [!['', 'Default'].includes(text(context['procMount'])), at('procMount'), 'must be Default'],
  ]
  return [
    ...wrong.filter(([is]) => is).map(([, place, message]) => ({ path: place, message })),
    ...contextFaults(context, at()),
    ...hostFaults(fields, path),
  ]
}

const probes = ['livenessProbe', 'readinessProbe', 'startupProbe']
const hooks = ['postStart', 'preStop']

/** Ports of the node, and probes that the node would send elsewhere than to the pod. */
function hostFaults(container: Fields, path: Path): readonly SecurityFault[] {
  const ports = listOf(container['ports']).flatMap((port, index) => {
    const { hostPort } = fieldsOf(port)
    if (hostPort === undefined || hostPort === 0) return []
    return [{ path: [...path, 'ports', index, 'hostPort'], message: 'is a port of the node: leave it out' }]
  })
  const handlers = [
    ...probes.map((name): Path => [name]),
    ...hooks.map((name): Path => ['lifecycle', name]),
  ].flatMap((steps) => ['httpGet', 'tcpSocket'].map((action): Path => [...steps, action, 'host']))
  const hosts = handlers
    .filter((steps) => text(valueAt(container, steps)) !== '')
    .map((steps) => ({ path: [...path, ...steps], message: 'must not be set: the pod itself is asked' }))
  return [...ports, ...hosts]
}
