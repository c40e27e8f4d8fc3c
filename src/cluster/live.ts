import { fieldsOf, listOf, type Manifest, titleOf, toManifest, valueAt } from '../environments/manifest.ts'
import type { CommandResult } from '../stack/command.ts'
import { type Environment, objectName } from './environment.ts'
import type { LiveFacts, StorageClass } from './facts.ts'
import { lastLine } from './prerequisites.ts'

/** Asks kubectl; never throws because of what it says. */
export type Ask = (args: readonly string[]) => Promise<CommandResult>

const fluxLabel = 'kustomize.toolkit.fluxcd.io/name'
const defaultClass = 'storageclass.kubernetes.io/is-default-class'
const read = ['deployments', 'statefulsets', 'configmaps', 'persistentvolumeclaims']

/** What a cluster holds of an environment; a text where it does not answer. Only reads. What is forbidden is left out. */
export async function readLive(ask: Ask, environment: Environment): Promise<LiveFacts | string> {
  const asked = await ask([
    'get',
    'namespaces',
    ...environment.namespaces,
    '--ignore-not-found',
    '-o',
    'name',
  ])
  if (asked.code !== 0 && !isForbidden(asked)) return lastLine(asked.stderr)
  const namespaces = asked.code === 0 ? names(asked.stdout) : environment.namespaces
  const [objects, nodes, classes] = await Promise.all([
    Promise.all(namespaces.flatMap((each) => read.map(async (kinds) => readList(ask, kinds, each)))),
    ask(['get', 'nodes', '-o', 'name']),
    ask(['get', 'storageclasses', '-o', 'json']),
  ])
  return {
    namespaces: new Set(namespaces),
    ...sorted(objects.flat(), environment),
    nodes: nodes.code === 0 ? names(nodes.stdout).length : undefined,
    storageClasses: classes.code === 0 ? itemsOf(classes.stdout).map(toStorageClass) : undefined,
  }
}

async function readList(ask: Ask, kinds: string, namespace: string): Promise<readonly Manifest[]> {
  const { code, stdout } = await ask(['get', kinds, '--namespace', namespace, '-o', 'json'])
  return code === 0 ? itemsOf(stdout) : []
}

function sorted(
  objects: readonly Manifest[],
  environment: Environment,
): Pick<LiveFacts, 'deployments' | 'claims' | 'statuses' | 'flux'> {
  const ours = new Set(environment.manifests.map(keyOf))
  const ofKind = (wanted: string): readonly Manifest[] => objects.filter(({ kind }) => kind === wanted)
  return {
    deployments: ofKind('Deployment').map(objectName),
    claims: ofKind('PersistentVolumeClaim').map(objectName),
    statuses: ofKind('ConfigMap')
      .filter(({ metadata }) => metadata.labels?.['infometis.io/kind'] === 'status')
      .map((each) => ({
        ...objectName(each),
        desired: each.metadata.annotations?.['infometis.io/desired'] ?? '',
      })),
    flux: objects
      .filter((each) => each.metadata.labels?.[fluxLabel] !== undefined && ours.has(keyOf(each)))
      .map(titleOf),
  }
}

function keyOf(manifest: Manifest): string {
  return `${manifest.metadata.namespace ?? ''} ${titleOf(manifest)}`
}

/** The items of a list as kubectl prints it: it leaves out nothing, so each says its kind. */
function itemsOf(text: string): readonly Manifest[] {
  return listOf(fieldsOf(JSON.parse(text))['items']).flatMap(toManifest)
}

function toStorageClass(manifest: Manifest): StorageClass {
  const mark = valueAt(manifest, ['metadata', 'annotations', defaultClass])
  return { name: manifest.metadata.name, isDefault: mark === 'true' }
}

/** `namespace/a` lines → names. */
function names(lines: string): readonly string[] {
  return lines
    .split('\n')
    .filter((each) => each !== '')
    .map((each) => each.replace(/^[^/]*\//, ''))
}

function isForbidden({ stderr }: CommandResult): boolean {
  return /forbidden/i.test(stderr)
}
