import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { installKubernetes } from '../../../src/stack/kubernetes-install.ts'
import { projectFile } from '../../../src/stack/project.ts'
import { inOwnDirectory } from '../../support/own-directory.ts'
import { fluxNamespace, fluxRepository, startFlux, type Flux } from '../../support/flux/flux.ts'
import { startCluster, type Cluster } from '../cluster/cluster.ts'
import { addresses } from '../cluster/plan.ts'
import { appImage, nextAppImage, serviceImages } from '../images/images.ts'
import { KafkaBystander } from './kafka-bystander.ts'
import { Legs } from './legs.ts'
import { ObjectWatch } from './object-watch.ts'
import { overlay } from './repository.ts'

export const namespace = 'infometis-dev'
const fluxPath = `/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/${fluxNamespace}/kustomizations`

/** A cluster with Flux in it that follows a Git repository; nothing of InfoMetis is in it but by commits. */
export interface Stage {
  readonly cluster: Cluster
  readonly flux: Flux
  readonly legs: Legs
  /** Somebody else’s Kafka client; connected once the service is there. */
  readonly kafka: KafkaBystander
  /** ConfigMaps of the namespace, and Kustomizations, as they change. */
  readonly configMaps: ObjectWatch
  readonly kustomizations: ObjectWatch
  /** GET of Elasticsearch through the API server’s proxy; undefined when it says no. */
  search(path: string): Promise<unknown>
  /** `kubectl kustomize` of a folder of this project, or of the suite’s overlay. */
  render(folder: string): Promise<string>
  /** A file as this project ships it. */
  shipped(path: string): Promise<string>
  stop(): Promise<void>
}

/** Installs and builds what is missing, then starts. `say` hears of progress. */
export async function setStage(say: (line: string) => void): Promise<Stage> {
  const legs = new Legs()
  return inOwnDirectory('e2e', async ({ directory, places, launch }, clean) => {
    const install = { places, launch, say }
    const { kubectl: kubectlFile } = await installKubernetes(install)
    const images = await legs.time('Before', 'images built, or found in the cache', async () => [
      await appImage(install),
      await nextAppImage(install),
      ...(await serviceImages(install)),
    ])
    const cluster = await legs.time('Before', 'cluster: node Ready', async () =>
      startCluster({ ...install, directory }),
    )
    try {
      await legs.time('Before', 'images loaded', async () => {
        for (const { file } of images) await cluster.loadImage(file)
      })
      const kubectl = async (args: readonly string[], input?: string): Promise<string> =>
        cluster.kubectl(args, input)
      const flux = await startFlux({
        ...install,
        kubectl,
        kubeconfig: cluster.kubeconfig,
        directory: join(directory, 'flux'),
        address: cluster.nodeAddress,
        inside: cluster.inside,
        flags: ['--requeue-dependency=2s', '--feature-gates=CancelHealthCheckOnNewRevision=true'],
      })
      await kubectl(['create', 'namespace', fluxNamespace])
      await flux.publisher.commitFolders(projectFile(), ['deploy', 'environments'], 'What the project ships')
      await flux.publisher.commit(overlay, 'The services that have an image here')
      const command = [...cluster.inside, kubectlFile, '--kubeconfig', cluster.kubeconfig]
      const configMaps = new ObjectWatch(command, `/api/v1/namespaces/${namespace}/configmaps`)
      const kustomizations = new ObjectWatch(command, fluxPath)
      const kafka = new KafkaBystander(cluster.inside, `kafka.${namespace}.svc:9092`, addresses.dnsService)
      const proxy = `/api/v1/namespaces/${namespace}/services/elasticsearch:9200/proxy`
      return {
        cluster,
        flux,
        legs,
        kafka,
        configMaps,
        kustomizations,
        search: async (path) =>
          kubectl(['get', '--raw', `${proxy}${path}`]).then(
            (text) => JSON.parse(text) as unknown,
            () => undefined,
          ),
        render: async (folder) =>
          kubectl(['kustomize', join(directory, 'flux', 'git', fluxNamespace, fluxRepository, folder)]),
        shipped: async (path) => readFile(projectFile(path), 'utf8'),
        stop: async () => {
          await Promise.all([kafka.stop(), configMaps.stop(), kustomizations.stop()])
          await flux.stop()
          await cluster.stop()
          await clean()
        },
      }
    } catch (error) {
      await cluster.stop()
      throw error
    }
  })
}
