import { ExitError } from '../errors.ts'
import { type Context, json, line, painter } from './context.ts'
import { type Status, openCluster, readStatuses } from './cluster.ts'
import { select } from './select.ts'
import { loadServices } from './services.ts'
import { detailLines, wayOuts } from './status-details.ts'
import { table } from './table.ts'
import { oneLine } from './text.ts'

export interface StatusOptions extends Context {
  /** Only this ConfigMap: `name` or `namespace/name`. */
  readonly name?: string
  /** The reconciler's namespace. Default: INFOMETIS_NAMESPACE, else the kubeconfig's. */
  readonly namespace?: string
  readonly output?: 'json' | 'wide'
}

/** What the operator says of each desired ConfigMap. 0: all Ready. 2: not. Throws ExitError 1 without a cluster. */
export async function status(options: StatusOptions): Promise<0 | 2> {
  const cluster = await openCluster(options)
  try {
    const all = await readStatuses(cluster, options.signal)
    const chosen = options.name === undefined ? all : [select(all, options.name, cluster.namespace)]
    if (chosen.length === 0)
      throw new ExitError(1, `no status in namespace ${cluster.namespace}: does the reconciler run there?`)
    if (options.output === 'json') json(options.out, chosen.map(statusJson))
    else await printText(chosen, options)
    return chosen.every(({ state }) => state.ready === 'True') ? 0 : 2
  } finally {
    cluster.client.close()
  }
}

async function printText(statuses: readonly Status[], options: StatusOptions): Promise<void> {
  const { out, env } = options
  const paint = painter(out, env)
  const wide = options.output === 'wide'
  const head = [
    'NAME',
    'TYPE',
    'READY',
    'REASON',
    'SUMMARY',
    'SINCE',
    ...(wide ? ['NAMESPACE', 'CLUSTER', 'HASH', 'MESSAGE'] : []),
  ]
  const rows = statuses.map((each) => [...row(each, options.now()), ...(wide ? wideRow(each) : [])])
  line(out, table(head, rows))
  const wayOut = wayOuts(await loadServices())
  for (const each of statuses) {
    const details = detailLines(each, wayOut)
    if (details.length === 0) continue
    line(out)
    line(out, paint('withheld', `${each.key}: ${oneLine(each.state.message)}`))
    for (const text of details) line(out, text)
  }
}

function row({ name, type, state }: Status, now: number): string[] {
  const ready = state.conditions.find((condition) => condition.type === 'Ready')
  return [
    name,
    type,
    state.ready,
    state.reason,
    state.summary,
    ready === undefined ? '' : age(ready.lastTransitionTime, now),
  ]
}

function wideRow({ namespace, state }: Status): string[] {
  return [namespace, state.clusterId ?? '', state.observedHash.slice(0, 12), oneLine(state.message)]
}

/** As kubectl prints an age: 42s, 17m, 5h, 3d. `since` is ISO 8601; `now` milliseconds. */
export function age(since: string, now: number): string {
  const seconds = Math.floor((now - Date.parse(since)) / 1000)
  if (Number.isNaN(seconds)) return '<unknown>'
  if (seconds < 120) return `${Math.max(0, seconds)}s`
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)}h`
  return `${Math.floor(seconds / 86_400)}d`
}

function statusJson({ key, name, namespace, object, type, component, state }: Status): object {
  const { inventory, approval, ...rest } = state
  return {
    name,
    namespace,
    configMap: key,
    statusObject: object,
    component,
    type,
    ...rest,
    approval: approval?.hash,
    inventory: [...inventory.keys()],
  }
}
