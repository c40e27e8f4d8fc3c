import { z } from 'zod'
import { ReconcileError } from '../errors.ts'
import { waitUntil } from './deadline.ts'
import type { Kubectl } from './kubectl.ts'

const metadata = z.object({
  name: z.string(),
  labels: z.record(z.string(), z.string()).default({}),
})
const configMapList = z.object({
  items: z.array(z.object({ metadata, data: z.record(z.string(), z.string()).default({}) })),
})

/** What became of one desired ConfigMap, as its status says. */
export interface DesiredStatus {
  readonly name: string
  /** Undefined: nothing has been said yet. */
  readonly ready: string | undefined
  readonly reason: string
  readonly message: string
  readonly summary: string
}

/** The status of every desired ConfigMap of the stack's namespace, by name. */
export async function readDesiredStatus(
  kubectl: Kubectl,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly DesiredStatus[]> {
  const text = await kubectl(['get', 'configmaps', '--namespace', namespace, '-o', 'json'], undefined, signal)
  return desiredStatus(JSON.parse(text))
}

/** A ConfigMapList as kubectl prints it → status by desired ConfigMap. */
export function desiredStatus(list: unknown): readonly DesiredStatus[] {
  const { items } = configMapList.parse(list)
  const status = new Map(items.map((item) => [item.metadata.name, item.data]))
  return items
    .filter(
      ({ metadata: { labels } }) =>
        labels['infometis.component'] !== undefined && labels['infometis.io/kind'] === undefined,
    )
    .map(({ metadata: { name } }) => {
      const data = status.get(`${name}-status`) ?? {}
      return {
        name,
        ready: data['ready'],
        reason: data['reason'] ?? '',
        message: data['message'] ?? '',
        summary: data['summary'] ?? '',
      }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** True when everything has been looked at and no work is under way. */
export function isSettled(all: readonly DesiredStatus[]): boolean {
  return all.every(({ ready }) => ready === 'True' || ready === 'False')
}

/** One line for people. */
export function statusLine({ name, ready, reason, message, summary }: DesiredStatus): string {
  if (ready === undefined) return `${name}: not looked at yet`
  const detail = ready === 'True' ? summary : [message, summary].filter((text) => text !== '').join('; ')
  return `${name}: ready ${ready}, ${reason}${detail === '' ? '' : `: ${detail}`}`
}

/** The status of everything desired once it is settled, or as it is at the deadline. */
export async function settledStatus(
  read: () => Promise<readonly DesiredStatus[]>,
  wait: { readonly deadlineMs: number; readonly signal: AbortSignal },
): Promise<readonly DesiredStatus[]> {
  let last: readonly DesiredStatus[] = []
  await waitUntil(
    async () => {
      last = await read()
      return isSettled(last)
    },
    { ...wait, what: 'desired state to settle', everyMs: 250 },
  ).catch((error: unknown) => {
    if (wait.signal.aborted || !(error instanceof ReconcileError) || last.length === 0) throw error
  })
  return last
}
