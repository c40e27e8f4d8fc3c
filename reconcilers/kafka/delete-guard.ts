import type { Verdict } from '../../src/reconcile/service-client.ts'

/** What is known of a topic that is to be deleted. A sentence in place of a number or of names says why it is not known. */
export interface TopicUse {
  readonly records: bigint | Unknown
  readonly groups: readonly string[] | Unknown
}

export interface Unknown {
  readonly why: string
}

/**
 * What stands against deleting a topic: its records and its readers. What cannot be found out counts as standing
 * against it. Both together are a reason of their own, so that allowing one does not allow the other.
 */
export function judgeDelete(name: string, { records, groups }: TopicUse): Verdict {
  const held = sentenceOnRecords(name, records)
  const read = sentenceOnGroups(name, groups)
  if (held !== undefined && read !== undefined)
    return { ok: false, code: 'DeletesDataInUse', message: `${held}; ${read}` }
  if (held !== undefined) return { ok: false, code: 'DeletesData', message: held }
  if (read !== undefined) return { ok: false, code: 'TopicInUse', message: read }
  return { ok: true }
}

/** Counted by offsets, which compaction and transactions thin out: hence "up to". */
function sentenceOnRecords(name: string, records: bigint | Unknown): string | undefined {
  if (typeof records !== 'bigint') return `the records of ${name} cannot be counted: ${records.why}`
  if (records <= 0n) return undefined
  return `${name} holds up to ${records} ${records === 1n ? 'record' : 'records'}`
}

function sentenceOnGroups(name: string, groups: readonly string[] | Unknown): string | undefined {
  if ('why' in groups) return `whether ${name} has active consumers cannot be told: ${groups.why}`
  if (groups.length === 0) return undefined
  const shown = [...groups].sort().slice(0, 5).join(', ')
  const more = groups.length > 5 ? ` and ${groups.length - 5} more` : ''
  return `${name} is read by active consumer ${groups.length === 1 ? 'group' : 'groups'} ${shown}${more}`
}
