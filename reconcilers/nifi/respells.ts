import { isOfDefinition } from './definition/fields.ts'

/** What no release of NiFi has ever changed by itself: what people name, connect and arrange. */
const lasting = new Set([
  'name',
  'comments',
  'group',
  'source',
  'destination',
  'selectedRelationships',
  'scheduledState',
  'label',
  'schedulingStrategy',
  'schedulingPeriod',
  'concurrentlySchedulableTaskCount',
  'penaltyDuration',
  'yieldDuration',
  'executionNode',
  'prioritizers',
  'flowFileExpiration',
  'backPressureObjectThreshold',
  'backPressureDataSizeThreshold',
  'flowFileConcurrency',
  'flowFileOutboundPolicy',
  'targetUris',
])

/**
 * Whether another release of NiFi may spell this path anew: it renames properties, adds members, terminates new relationships, and
 * makes services of what were properties (NIFI-15694). What is there of other kinds, and how it is connected, it leaves.
 */
export function respells(path: string): boolean {
  if (!isOfDefinition(path)) return false
  const [kind, identifier, member] = path.split('.')
  if (kind === 'flow') return !lasting.has(identifier ?? '')
  return member === undefined ? kind === 'controller-services' : !lasting.has(member)
}
