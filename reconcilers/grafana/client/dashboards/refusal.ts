import { listAt, textAt } from '../../../../src/core/members.ts'
import { listed } from '../../../../src/core/text.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import { failureOf, isConflict, wordsOf } from '../failures.ts'
import type { WireAnswer } from '../wire.ts'
import type { NextDashboard } from './store.ts'

/** Of what Grafana answers with a conflict, what another look does not help against. */
const lasting: ReadonlySet<string> = new Set(['plugin-dashboard', 'name-exists'])

/** Somebody saved it after it was read, or made it meanwhile. */
export function isSavedMeanwhile(answer: WireAnswer): boolean {
  return isConflict(answer) && !lasting.has(textAt(answer.body, 'status'))
}

/** Why Grafana did not take a dashboard. `doing`: as a person says it. */
export function refusalOf(
  answer: WireAnswer,
  doing: string,
  next: NextDashboard | undefined,
): ReconcileError {
  if (isWithoutFolder(answer)) {
    const named = next === undefined || next.folder === '' ? '' : ` "${next.folder}"`
    return new ReconcileError('DependencyMissing', `${doing}: its folder${named} is not there`)
  }
  if (answer.status === 413) return tooLarge(answer, doing, next)
  if (isConflict(answer) && !isSavedMeanwhile(answer))
    return new ReconcileError('RejectedByServer', `${doing}: ${wordsOf(answer.body)}`)
  const { reason, message } = failureOf(answer, doing)
  return new ReconcileError(reason, `${message}${causesOf(answer, message)}`)
}

/** The newer API says it with the status of a dashboard that is not there, the older one in words. */
function isWithoutFolder({ status, body }: WireAnswer): boolean {
  const kind = textAt(body, 'details', 'kind')
  const words = wordsOf(body)
  if (status === 404) return kind === 'folders' || /^folders\.folder\.grafana\.app/.test(words)
  return status === 400 && /^folder not found\b/i.test(words)
}

function tooLarge({ body }: WireAnswer, doing: string, next: NextDashboard | undefined): ReconcileError {
  const size = Math.ceil(JSON.stringify(next?.content.spec ?? {}).length / 1_024)
  const words = wordsOf(body)
  return new ReconcileError(
    'RejectedByServer',
    `${doing}: it is too large (${size} KiB)${words === '' ? '' : `: ${words}`}; divide it, or raise the limit of Grafana or of what stands in front of it`,
  )
}

/** What the newer API has against single members, where its sentence does not say so already. */
function causesOf({ body }: WireAnswer, told: string): string {
  const causes = listAt(body, 'details', 'causes')
    .map((cause) => [textAt(cause, 'field'), textAt(cause, 'message')].filter(Boolean).join(': '))
    .filter((cause) => cause !== '' && !told.includes(cause))
  return causes.length === 0 ? '' : ` (${listed(causes)})`
}
