import { fieldsOf, listOf, valueAt } from '../environments/manifest.ts'

/** What a pod waits for while everything is as it should be. */
const usual = new Set(['ContainerCreating', 'PodInitializing'])

/** A PodList → why its pods do not run, a line each: the scheduler’s words, an image that cannot be had, an exit code. Pure. */
export function podTroubles(list: unknown): readonly string[] {
  return listOf(fieldsOf(list)['items']).flatMap((pod) => {
    const name = textAt(pod, 'metadata', 'name')
    return [...unscheduled(pod), ...containersOf(pod).flatMap(containerTrouble)].map(
      (each) => `${name}: ${each}`,
    )
  })
}

function unscheduled(pod: unknown): readonly string[] {
  return listOf(valueAt(pod, ['status', 'conditions']))
    .filter((each) => textAt(each, 'type') === 'PodScheduled' && textAt(each, 'status') === 'False')
    .map((each) => `not scheduled: ${textAt(each, 'message')}`)
}

function containersOf(pod: unknown): readonly unknown[] {
  return ['initContainerStatuses', 'containerStatuses'].flatMap((each) =>
    listOf(valueAt(pod, ['status', each])),
  )
}

function containerTrouble(status: unknown): readonly string[] {
  const name = textAt(status, 'name')
  const reason = textAt(status, 'state', 'waiting', 'reason')
  const code = valueAt(status, ['lastState', 'terminated', 'exitCode'])
  const ended = typeof code === 'number' && code !== 0 ? ` (it ended with exit code ${code} before)` : ''
  if (reason === '' || usual.has(reason)) return ended === '' ? [] : [`container ${name}${ended}`]
  const message = textAt(status, 'state', 'waiting', 'message')
  return [`container ${name}: ${reason}${message === '' ? '' : `: ${message}`}${ended}`]
}

function textAt(value: unknown, ...path: readonly string[]): string {
  const found = valueAt(value, path)
  return typeof found === 'string' ? found : ''
}
