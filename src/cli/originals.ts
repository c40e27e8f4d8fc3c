import { printable } from '../core/text.ts'
import { ExitError } from '../errors.ts'
import { readText } from '../kube/data-key.ts'
import { desiredAnnotation, labels } from '../kube/names.ts'
import type { ConfigMap } from '../kube/objects.ts'
import { originalAnnotations, originalKey, youngestFirst } from '../kube/originals.ts'
import { type Cluster, listLabelled, openCluster } from './cluster.ts'
import { type Context, line } from './context.ts'
import { unknown } from './nearest.ts'
import { table } from './table.ts'

export interface OriginalsOptions extends Context {
  /** The name of one, whose JSON is printed; or a resource, or a desired ConfigMap, of which all are listed. */
  readonly name?: string
  readonly namespace?: string
}

/** Unpacked: far more than a service answers with at once. */
const mostBytes = 256 * 1024 * 1024

/** What was kept before the reconcilers overwrote or deleted it. */
interface Kept {
  readonly name: string
  /** `dashboards/overview` */
  readonly resource: string
  /** `namespace/name` of the desired ConfigMap. */
  readonly desired: string
  readonly by: string
  readonly at: string
  readonly object: ConfigMap
}

/** Lists what was kept, or prints one as the service takes it back: nothing but JSON then, so that it can be piped. */
export async function originals(options: OriginalsOptions): Promise<0> {
  const cluster = await openCluster(options)
  try {
    const all = await readOriginals(cluster, options.signal)
    const { name } = options
    const one = all.find((each) => each.name === name)
    if (one !== undefined) options.out.write(`${textOf(one)}\n`)
    else list(options, name === undefined ? all : matching(all, name))
    return 0
  } finally {
    cluster.client.close()
  }
}

async function readOriginals(cluster: Cluster, signal: AbortSignal): Promise<readonly Kept[]> {
  const objects = await listLabelled(cluster, `${labels.kind}=original`, signal)
  return objects
    .map((object) => {
      const { name, annotations, creationTimestamp } = object.metadata
      const said = (annotation: string) => annotations[annotation] ?? ''
      return {
        name,
        resource: said(originalAnnotations.resource),
        desired: said(desiredAnnotation),
        by: said(originalAnnotations.by),
        at: said(originalAnnotations.at) || (creationTimestamp ?? ''),
        object,
      }
    })
    .sort((a, b) => (a.resource === b.resource ? youngestFirst(a.object, b.object) : order(a, b)))
}

function order(a: Kept, b: Kept): number {
  return a.resource < b.resource ? -1 : 1
}

function matching(all: readonly Kept[], wanted: string): readonly Kept[] {
  const namesOf = ({ resource, desired }: Kept) => [
    resource,
    desired,
    afterSlash(resource),
    afterSlash(desired),
  ]
  const found = all.filter((each) => namesOf(each).includes(wanted))
  if (found.length > 0) return found
  const known = [...new Set(all.flatMap((each) => [each.name, each.resource, each.desired]))]
  throw new ExitError(1, all.length === 0 ? nothing : unknown('original', wanted, known))
}

const nothing = 'nothing has been kept: no change or deletion has overwritten what somebody made'

function afterSlash(text: string): string {
  return text.slice(text.indexOf('/') + 1)
}

function list({ out }: Context, found: readonly Kept[]): void {
  if (found.length === 0) {
    line(out, `${nothing}.`)
    return
  }
  const rows = found.map(({ name, resource, desired, by, at }) => [resource, at, by || '-', desired, name])
  line(
    out,
    table(
      ['resource', 'at', 'by', 'configmap', 'name'].map((head) => head.toUpperCase()),
      rows.map((row) => row.map(printable)),
    ),
  )
}

function textOf({ name, object }: Kept): string {
  const text = readText(object, originalKey, mostBytes)
  if (typeof text === 'string') return text
  throw new ExitError(
    1,
    `${name} cannot be read: ${originalKey} in it ${text.message}; the ConfigMap itself: kubectl get cm ${name} -n ${object.metadata.namespace} -o yaml`,
  )
}
