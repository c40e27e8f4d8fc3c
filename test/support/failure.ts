import assert from 'node:assert/strict'
import { ReconcileError } from '../../src/errors.ts'

/** What a call was refused with. Fails where it was answered. */
export async function failure(promise: Promise<unknown>): Promise<ReconcileError> {
  const thrown: unknown = await promise.then(
    () => assert.fail('it was answered'),
    (error: unknown) => error,
  )
  assert.ok(thrown instanceof ReconcileError, String(thrown))
  return thrown
}
