import type { Call } from './fake-call.ts'
import { failed, identified } from './fake-refusal.ts'

/** Whose a rule is that this request writes: nobody's with the header, whatever it says. */
export function provenanceOf({ headers }: Call): string {
  return headers.has('x-disable-provenance') ? '' : 'api'
}

/** Of a single rule: 12.x has a plain error for it (provisioning/alert_rules.go@89a35504), 13.x one with an id (models/errors.go@10bf0db2). */
export function checkProvenance(call: Call, stored: string, operation: 'update' | 'delete'): void {
  const given = provenanceOf(call)
  if (stored === '' || stored === given) return
  if (!call.profile.namesProvenance)
    throw operation === 'update'
      ? failed(500, 'Internal Server Error')
      : failed(409, `cannot delete with provided provenance '${given}', needs '${stored}'`)
  throw identified(
    409,
    'alerting.provenanceMismatch',
    `cannot ${operation} with provided provenance '${given}', needs '${stored}'`,
    { ProvidedProvenance: given, StoredProvenance: stored, Operation: operation },
  )
}

/** Of a whole group what came by the API may become nobody's: provisioning/validation/provenance.go@35b27b01. */
export function checkGroupProvenance(call: Call, stored: string, operation: 'update' | 'delete'): void {
  const released = ['api', 'converted_prometheus'].includes(stored) && provenanceOf(call) === ''
  if (!released) checkProvenance(call, stored, operation)
}
