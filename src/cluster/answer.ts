import { setTimeout as sleep } from 'node:timers/promises'
import { fieldsOf, listOf, toManifest } from '../environments/manifest.ts'
import { type DesiredStatus, desiredStatus, settledStatus, statusLine } from '../stack/desired-status.ts'
import type { Say } from '../stack/cache.ts'
import type { CommandResult } from '../stack/command.ts'
import type { ObjectName } from './environment.ts'

export interface AnswerWait {
  readonly desired: readonly ObjectName[]
  /** What an answer carries. */
  readonly stamp: string
  readonly deadlineMs: number
  readonly signal: AbortSignal
  readonly ask: (args: readonly string[]) => Promise<CommandResult>
  readonly say: Say
  readonly everyMs?: number
}

const usualMs = 1_500

/** The status of everything desired once each is answered and settled, or as it is at the deadline. Says each change. */
export async function awaitAnswers(wait: AnswerWait): Promise<readonly DesiredStatus[]> {
  const { desired, deadlineMs, signal, everyMs = usualMs } = wait
  if (desired.length === 0) return []
  const told = new Map<string, string>()
  let last: readonly DesiredStatus[] = desired.map(({ name }) => unanswered(name))
  const read = async (): Promise<readonly DesiredStatus[]> => {
    await sleep(everyMs, undefined, { signal })
    // A cluster that does not answer for a moment is asked again at the next turn.
    last = (await readAnswers(wait)) ?? last.map(({ name }) => unanswered(name))
    for (const status of last) {
      const line = statusLine(status)
      if (told.get(status.name) !== line && status.ready !== undefined) wait.say(line)
      told.set(status.name, line)
    }
    return last
  }
  return settledStatus(read, { deadlineMs, signal })
}

async function readAnswers(wait: AnswerWait): Promise<readonly DesiredStatus[] | undefined> {
  const namespaces = [...new Set(wait.desired.map(({ namespace }) => namespace))]
  const found: DesiredStatus[] = []
  for (const namespace of namespaces) {
    const { code, stdout } = await wait.ask(['get', 'configmaps', '--namespace', namespace, '-o', 'json'])
    if (code !== 0) return undefined
    found.push(...answersIn(JSON.parse(stdout), namespace, wait))
  }
  return found
}

/** A ConfigMapList → status of what is desired; what was said before the stamp counts as nothing said. Pure. */
export function answersIn(
  list: unknown,
  namespace: string,
  { desired, stamp }: Pick<AnswerWait, 'desired' | 'stamp'>,
): readonly DesiredStatus[] {
  const names = new Set(desired.filter((each) => each.namespace === namespace).map(({ name }) => name))
  const items = listOf(fieldsOf(list)['items']).flatMap(toManifest)
  const echoed = new Set(
    items.filter(({ data }) => fieldsOf(data)['reconciledAt'] === stamp).map(({ metadata }) => metadata.name),
  )
  return desiredStatus(list)
    .filter(({ name }) => names.has(name))
    .map((status) => (echoed.has(`${status.name}-status`) ? status : unanswered(status.name)))
}

function unanswered(name: string): DesiredStatus {
  return { name, ready: undefined, reason: '', message: '', summary: '' }
}
