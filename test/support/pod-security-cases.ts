import { type Manifest, toManifest } from '../../src/environments/manifest.ts'

/** A pod, and whether a namespace that enforces Pod Security restricted lets it in. */
export interface PodCase {
  readonly name: string
  readonly allowed: boolean
  readonly pod: Manifest
}

type Fields = Readonly<Record<string, unknown>>

interface Change {
  readonly spec?: Fields
  readonly podContext?: Fields
  readonly container?: Fields
  readonly context?: Fields
  readonly annotations?: Fields
  /** Further containers, made like the first and then changed. */
  readonly init?: Fields
}

const restricted = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }
const safePod = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }

function podOf(name: string, change: Change): Manifest {
  const container = (more: Fields = {}): Fields => ({
    name: 'main',
    image: 'example:1',
    securityContext: { ...restricted, ...change.context },
    ...more,
  })
  const init =
    change.init === undefined
      ? {}
      : { initContainers: [{ ...container(), name: 'init', securityContext: restricted, ...change.init }] }
  const [pod] = toManifest({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...(change.annotations === undefined ? {} : { annotations: change.annotations }) },
    spec: {
      securityContext: { ...safePod, ...change.podContext },
      containers: [container(change.container)],
      ...init,
      ...change.spec,
    },
  })
  if (pod === undefined) throw new Error('not a pod')
  return pod
}

const volume = (source: Fields): Change => ({ spec: { volumes: [{ name: 'v', ...source }] } })
const sysctl = (name: string, value: string): Change => ({ podContext: { sysctls: [{ name, value }] } })
const appArmor = 'container.apparmor.security.beta.kubernetes.io/main'
const probe = { failureThreshold: 1, periodSeconds: 10, successThreshold: 1, timeoutSeconds: 1 }

const allowed: Readonly<Record<string, Change>> = {
  'a pod that keeps all rules': {},
  'the capability of low ports': {
    context: { capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } },
  },
  'not root by the container alone': {
    podContext: { runAsNonRoot: undefined },
    context: { runAsNonRoot: true },
  },
  'seccomp by the container alone': {
    podContext: { seccompProfile: undefined },
    context: { seccompProfile: { type: 'RuntimeDefault' } },
  },
  'a local seccomp profile': {
    podContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'x.json' } },
  },
  'a user that is not root': { podContext: { runAsUser: 1000 } },
  'an emptyDir': volume({ emptyDir: {} }),
  'a ConfigMap': volume({ configMap: { name: 'a' } }),
  'a projected volume': volume({ projected: { sources: [{ secret: { name: 'a' } }] } }),
  'a claim': volume({ persistentVolumeClaim: { claimName: 'a' } }),
  'an ephemeral claim': volume({
    ephemeral: {
      volumeClaimTemplate: {
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
    },
  }),
  'a safe sysctl': sysctl('net.ipv4.ping_group_range', '0 1'),
  'keepalive sysctls': sysctl('net.ipv4.tcp_keepalive_time', '60'),
  'receive buffer sysctls': sysctl('net.ipv4.tcp_rmem', '1 2 3'),
  'the default proc': { context: { procMount: 'Default' } },
  'SELinux type container_t': { podContext: { seLinuxOptions: { type: 'container_t' } } },
  'SELinux type container_engine_t': { context: { seLinuxOptions: { type: 'container_engine_t' } } },
  'an SELinux level': { podContext: { seLinuxOptions: { level: 's0:c1,c2' } } },
  'AppArmor as the runtime has it': { podContext: { appArmorProfile: { type: 'RuntimeDefault' } } },
  'AppArmor by the old annotation': { annotations: { [appArmor]: 'runtime/default' } },
  'an init container like the others': { init: {} },
  'a probe of the pod itself': {
    container: { livenessProbe: { ...probe, httpGet: { path: '/', port: 80, scheme: 'HTTP' } } },
  },
  'a port of the pod': { container: { ports: [{ containerPort: 80 }] } },
}

const refused: Readonly<Record<string, Change>> = {
  'the network of the node': { spec: { hostNetwork: true } },
  'the processes of the node': { spec: { hostPID: true } },
  'the memory of the node': { spec: { hostIPC: true } },
  'a privileged container': { context: { privileged: true, allowPrivilegeEscalation: true } },
  'rights that can grow': { context: { allowPrivilegeEscalation: true } },
  'rights of which nothing is said': { context: { allowPrivilegeEscalation: undefined } },
  'capabilities that are kept': { context: { capabilities: undefined } },
  'some capabilities that are kept': { context: { capabilities: { drop: ['CHOWN'] } } },
  'a capability that is added': { context: { capabilities: { drop: ['ALL'], add: ['SYS_TIME'] } } },
  'perhaps root': { podContext: { runAsNonRoot: undefined } },
  'root allowed by the pod': { podContext: { runAsNonRoot: false } },
  'root allowed by the container': { context: { runAsNonRoot: false } },
  'the user root of the pod': { podContext: { runAsUser: 0 } },
  'the user root of the container': { context: { runAsUser: 0 } },
  'no seccomp': { podContext: { seccompProfile: undefined } },
  'seccomp switched off by the pod': { podContext: { seccompProfile: { type: 'Unconfined' } } },
  'seccomp switched off by the container': { context: { seccompProfile: { type: 'Unconfined' } } },
  'a folder of the node': volume({ hostPath: { path: '/etc' } }),
  NFS: volume({ nfs: { server: 'a', path: '/' } }),
  iSCSI: volume({ iscsi: { targetPortal: 'a', iqn: 'iqn.2001-04.com.example:a', lun: 0 } }),
  'an unsafe sysctl': sysctl('kernel.msgmax', '1'),
  'a port of the node': { container: { ports: [{ containerPort: 80, hostPort: 80 }] } },
  'all of proc': { context: { procMount: 'Unmasked' }, spec: { hostUsers: false } },
  'an SELinux type of its own': { podContext: { seLinuxOptions: { type: 'spc_t' } } },
  'an SELinux user': { context: { seLinuxOptions: { user: 'system_u' } } },
  'an SELinux role': { podContext: { seLinuxOptions: { role: 'system_r' } } },
  'AppArmor switched off': { podContext: { appArmorProfile: { type: 'Unconfined' } } },
  'AppArmor switched off by a container': { context: { appArmorProfile: { type: 'Unconfined' } } },
  'AppArmor switched off by the old annotation': { annotations: { [appArmor]: 'unconfined' } },
  'a process of a Windows node': {
    podContext: { windowsOptions: { hostProcess: true } },
    spec: { hostNetwork: true },
  },
  'an init container with rights that grow': {
    init: { securityContext: { capabilities: { drop: ['ALL'] } } },
  },
  'an init container that is root': { init: { securityContext: { ...restricted, runAsUser: 0 } } },
  'a probe of something else': {
    container: {
      livenessProbe: { ...probe, httpGet: { path: '/', port: 80, host: 'example.com', scheme: 'HTTP' } },
    },
  },
  'a TCP probe of something else': {
    container: { readinessProbe: { ...probe, tcpSocket: { port: 80, host: '10.0.0.1' } } },
  },
  'a hook that calls something else': {
    container: {
      lifecycle: { preStop: { httpGet: { path: '/', port: 80, host: 'example.com', scheme: 'HTTP' } } },
    },
  },
}

const toCases = (changes: Readonly<Record<string, Change>>, isAllowed: boolean): readonly PodCase[] =>
  Object.entries(changes).map(([name, change], index) => ({
    name,
    allowed: isAllowed,
    pod: podOf(`${isAllowed ? 'allowed' : 'refused'}-${index}`, change),
  }))

export const podCases: readonly PodCase[] = [...toCases(allowed, true), ...toCases(refused, false)]
