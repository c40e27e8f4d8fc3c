import { storageClassesOf } from './claims.ts'
import type { DownChoice, UpChoice } from './choice.ts'
import { clusterFile } from './cluster-steps.ts'
import type { ClusterFacts, Facts, LiveFacts } from './facts.ts'
import { objection } from './guard.ts'
import { imageOf } from './image-steps.ts'
import { imageText } from './image.ts'

/** Every reason not to begin `up`, each with its way out; empty where nothing stands in the way. Pure. */
export function refusalsOfUp(choice: UpChoice, facts: Facts): readonly string[] {
  return [
    ...ofCluster(choice, facts),
    ...ofPorts(facts),
    ...ofImage(choice, facts),
    ...ofLive(facts, (live) => [
      ...ofNamespaces(facts, live),
      ...ofFlux(live),
      ...ofPlace(choice, facts, live),
    ]),
  ]
}

/** Every reason not to begin `down`. */
export function refusalsOfDown(choice: DownChoice, facts: Facts): readonly string[] {
  return [
    ...ofCluster(choice, facts),
    ...ofReset(choice, facts.cluster),
    ...(choice.on === 'current' ? ofLive(facts, ofFlux) : []),
  ]
}

function ofCluster(choice: UpChoice | DownChoice, { cluster }: Facts): readonly string[] {
  if (cluster.on === 'k0s' && !cluster.isRoot)
    return ['k0s is run by root: run the command as root, with sudo']
  if (cluster.on !== 'current') return []
  const words = objection(cluster.context, choice)
  return words === undefined ? [] : [words]
}

function ofReset({ yes }: DownChoice, cluster: ClusterFacts): readonly string[] {
  if (cluster.on !== 'k0s' || !cluster.isInstalled) return []
  if (!cluster.isOurs)
    return [
      'the k0s of this machine was not installed by `infometis up`, so it is not reset: `infometis down --on current` takes the stack out of it, with the kubeconfig of `k0s kubeconfig admin`',
    ]
  return yes ? [] : ['this removes k0s from this machine with everything in it: say --yes if it is meant']
}

function ofPorts(facts: Facts): readonly string[] {
  const { cluster } = facts
  if (cluster.on !== 'kind' || cluster.exists) return []
  const file = clusterFile(facts, 'kind')
  return cluster.takenPorts.map(
    (port) =>
      `port ${port} of this machine is taken: stop what listens there, or write another hostPort into ${file}`,
  )
}

function ofImage(choice: UpChoice, facts: Facts): readonly string[] {
  if (choice.on !== 'current' || choice.image !== undefined || choice.skipImage) return []
  const name = imageText(imageOf(choice, facts))
  return [
    `this cluster has to get the image from somewhere: --image REGISTRY/infometis:TAG takes it from a registry (--push builds it and pushes it there first), --skip-image where its nodes have ${name}`,
  ]
}

function ofLive({ live }: Facts, found: (live: LiveFacts) => readonly string[]): readonly string[] {
  if (live === undefined) return []
  if (typeof live === 'string')
    return [
      `the cluster does not answer: ${live}; start it, or point KUBECONFIG or --context at one that does`,
    ]
  return found(live)
}

function ofNamespaces({ environment }: Facts, { namespaces }: LiveFacts): readonly string[] {
  return environment.namespaces
    .filter((name) => !namespaces.has(name) && !environment.ownNamespaces.includes(name))
    .map(
      (name) =>
        `the namespace ${name} does not exist, and the environment ${environment.name} does not make it: have it made by whoever runs the cluster, or choose another --environment`,
    )
}

function ofFlux({ flux }: LiveFacts): readonly string[] {
  if (flux.length === 0) return []
  const shown = flux.slice(0, 3).join(', ') + (flux.length > 3 ? ' …' : '')
  return [
    `Flux keeps ${shown} here and would undo this: commit to Git instead, or suspend its Kustomizations`,
  ]
}

/** Whether anything could run there, and find storage. What may not be read is not asked about. */
function ofPlace({ wait }: UpChoice, { environment, cluster }: Facts, live: LiveFacts): readonly string[] {
  const nodes =
    live.nodes === 0 && wait
      ? [
          'the cluster has no nodes, so nothing can run there (the local stack of `infometis up` is only an API): choose another context, or say --no-wait',
        ]
      : []
  const { storageClasses } = live
  // The k0s of ours gets its storage class by itself; the plan waits for it.
  if (storageClasses === undefined || cluster.on === 'k0s') return nodes
  const missing = storageClassesOf(environment).filter((wanted) =>
    wanted === undefined
      ? !storageClasses.some(({ isDefault }) => isDefault)
      : !storageClasses.some(({ name }) => name === wanted),
  )
  const words = missing.map((wanted) =>
    wanted === undefined
      ? 'the cluster has no default StorageClass, so the services get no disk: mark one with `kubectl annotate storageclass NAME storageclass.kubernetes.io/is-default-class=true`'
      : `the cluster has no StorageClass ${wanted}, which the environment ${environment.name} asks for: make one of that name`,
  )
  return [...nodes, ...words]
}
