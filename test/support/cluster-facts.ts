import type { DownChoice, UpChoice } from '../../src/cluster/choice.ts'
import { type Environment, readEnvironment } from '../../src/cluster/environment.ts'
import type { ClusterFacts, Facts, LiveFacts } from '../../src/cluster/facts.ts'

/** A small environment as kustomize renders one: a service with data, a reconciler, and what it is to keep. */
export const renderedEnvironment = `
apiVersion: v1
kind: Namespace
metadata: {name: infometis-dev}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: topics
  namespace: infometis-dev
  labels: {infometis.component: kafka, infometis.config-type: topics}
data: {topics.yaml: "orders: {partitions: 1}"}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: topics-base
  namespace: infometis-dev
  labels: {infometis.component: kafka, infometis.io/kind: base}
data: {topics.yaml: "{}"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: routes, namespace: infometis-dev, annotations: {infometis.io/border: plain}}
data:
  routes.yaml: |
    http: {routers: {a: {rule: "Host(\`a.infometis.localhost\`) && PathPrefix(\`/\`)"}}}
---
apiVersion: v1
kind: Service
metadata: {name: kafka, namespace: infometis-dev}
spec: {selector: {app: kafka}, ports: [{name: http, port: 8090}]}
---
apiVersion: v1
kind: Service
metadata: {name: infometis-kafka, namespace: infometis-dev, labels: {app.kubernetes.io/name: infometis}}
spec: {selector: {app: infometis-kafka}, ports: [{name: http, port: 8080}]}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: pictures, namespace: infometis-dev}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: kafka, namespace: infometis-dev}
spec:
  serviceName: kafka
  selector: {matchLabels: {app: kafka}}
  template:
    metadata: {labels: {app: kafka}}
    spec: {containers: [{name: kafka, image: apache/kafka:4.3.1}]}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: infometis-kafka, namespace: infometis-dev}
spec:
  selector: {matchLabels: {app: infometis-kafka}}
  template:
    metadata: {labels: {app: infometis-kafka}}
    spec: {containers: [{name: infometis, image: infometis:0.1.0}]}
`

export function environmentOf(rendered = renderedEnvironment, name = 'dev'): Environment {
  return readEnvironment(name, rendered)
}

export const newKind = {
  on: 'kind',
  exists: false,
  hasContext: false,
  takenPorts: [],
} as const satisfies ClusterFacts
export const oldKind = { ...newKind, exists: true, hasContext: true } as const
export const newK0s = {
  on: 'k0s',
  isRoot: true,
  isInstalled: false,
  isRunning: false,
  isOurs: false,
} as const satisfies ClusterFacts
export const ourK0s = { ...newK0s, isInstalled: true, isRunning: true, isOurs: true } as const
export const localContext = {
  on: 'current',
  context: { name: 'laptop', cluster: 'laptop', server: 'https://127.0.0.1:6443' },
} as const satisfies ClusterFacts

/** A cluster that answers, with a node and storage, and with nothing of ours in it. */
export function liveFacts(more: Partial<LiveFacts> = {}): LiveFacts {
  return {
    namespaces: new Set(),
    deployments: [],
    claims: [],
    statuses: [],
    flux: [],
    nodes: 1,
    storageClasses: [{ name: 'standard', isDefault: true }],
    ...more,
  }
}

export function factsOf(more: Partial<Facts> = {}): Facts {
  return {
    root: '/checkout',
    workDirectory: '/cache/clusters',
    version: '0.1.0',
    stamp: '2026-11-21T00:00:00.000Z',
    environment: environmentOf(),
    cluster: newKind,
    live: undefined,
    ...more,
  }
}

export function upOf(more: Partial<UpChoice> = {}): UpChoice {
  const common = { on: 'kind', environment: 'dev', name: 'infometis', yes: false } as const
  return { ...common, push: false, skipImage: false, wait: true, timeoutMs: 900_000, ...more }
}

export function downOf(more: Partial<DownChoice> = {}): DownChoice {
  return { on: 'kind', environment: 'dev', name: 'infometis', yes: false, deleteData: false, ...more }
}
