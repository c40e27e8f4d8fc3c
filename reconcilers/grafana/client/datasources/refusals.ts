import type { Change } from '../../../../src/core/resource.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import type { Datasource } from '../../resource.ts'
import { isConflict, wordsOf } from '../failures.ts'
import type { WireAnswer } from '../wire.ts'
import { redacted } from './next-datasource.ts'

/** Another datasource has this name, or this uid. */
export function isTaken({ status, body }: WireAnswer): boolean {
  return status >= 400 && /with the same (name|uid) already exists/i.test(wordsOf(body))
}

/** The answer as it is; where we know more of it than Grafana says, that is thrown. No word of it holds a value that was sent. */
export function refusal(answer: WireAnswer, change: Change<Datasource>): WireAnswer {
  const { name } = change
  const words = wordsOf(answer.body)
  if (/with the same name already exists/i.test(words))
    throw new ReconcileError(
      'RejectedByServer',
      `datasource "${name}": a data source with the same name already exists ("${calledBy(change)}"): rename one of the two`,
    )
  if (answer.status === 403 && /read-only/i.test(words))
    throw new ReconcileError(
      'RejectedByServer',
      `datasource "${name}" is read-only: it comes from a file on Grafana's own disk, and is changed or removed there`,
    )
  // Forbidden to everybody, so that it is no question of rights.
  if (answer.status === 403 && /team HTTP headers/i.test(words))
    throw new ReconcileError('RejectedByServer', `datasource "${name}": ${redacted(words, change)}`)
  if (isConflict(answer))
    throw new ReconcileError(
      'ServiceBusy',
      `somebody saved datasource "${name}" in this moment; it is looked at again`,
    )
  return answer.status < 400 ? answer : { status: answer.status, body: { message: redacted(words, change) } }
}

function calledBy({ name, desired }: Change<Datasource>): string {
  const called = desired?.fields.get('name')
  return typeof called === 'string' ? called : name
}
