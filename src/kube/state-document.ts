import { ReconcileError } from '../errors.ts'
import type { Approval } from '../core/approval.ts'
import type { Condition } from '../core/conditions.ts'
import type { HistoryEntry, Ready, ResourceStatus, State, StoredPlan } from '../reconcile/state.ts'
import { isRecord } from './answer.ts'
import { boundedText } from './bounded-text.ts'
import { readInventory, writeInventory, type InventoryDocument } from './inventory-document.ts'
import type { ConfigMap } from './objects.ts'

/** The two data fields of a status ConfigMap. */
export type StateDocument = Pick<ConfigMap, 'data' | 'binaryData'>

/** A reader that meets another version leaves the object alone. */
const stateVersion = '1'

const maxMessageBytes = 1_024
const maxResources = 200
const maxPlanChanges = 200
const maxPlanTextBytes = 128 * 1024
/** Kubernetes refuses 1 MiB; the rest is for labels and for what a newer version may add. */
const maxStateBytes = 900 * 1024

/**
 * State as the keys of its ConfigMap. Every key is always there, empty where there is nothing to say: so server-side apply
 * owns all of them, and takes back what somebody else wrote in. Throws StateTooLarge. `pack` may answer from memory.
 */
export function writeState(
  state: State,
  pack: (state: State) => InventoryDocument = packInventory,
): StateDocument {
  const { gz, digest } = pack(state)
  const data = {
    stateVersion,
    ready: state.ready,
    reason: state.reason,
    message: boundedText(state.message, maxMessageBytes),
    observedHash: state.observedHash,
    summary: state.summary,
    clusterId: state.clusterId ?? '',
    reconciledAt: state.reconciledAt ?? '',
    'approval.json': state.approval === undefined ? '' : toJson(state.approval),
    'conditions.json': toJson(state.conditions.map(bounded)),
    'resources.json': toJson({
      resources: state.resources.slice(0, maxResources).map(bounded),
      omitted: Math.max(0, state.resources.length - maxResources),
    }),
    'plan.json': state.plan === undefined ? '' : toJson(planDocument(state.plan)),
    'plan.txt': boundedText(state.plan?.text ?? '', maxPlanTextBytes),
    'history.json': toJson(state.history.map(bounded)),
    inventoryDigest: digest,
  }
  const document = { data, binaryData: { 'inventory.json.gz': gz } }
  refuseTooLarge(document, state.inventory.size)
  return document
}

/** The inverse of `writeState`, without what was cut. Throws StateUnreadable with the object's name: an inventory is never guessed. */
export function readState(configMap: ConfigMap): State {
  try {
    return readDocument(configMap)
  } catch (cause) {
    const { namespace, name } = configMap.metadata
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ReconcileError(
      'StateUnreadable',
      `the state in ConfigMap ${namespace}/${name} cannot be read: ${why}`,
      { cause },
    )
  }
}

function packInventory(state: State): InventoryDocument {
  return writeInventory(state.inventory)
}

function planDocument(plan: StoredPlan): object {
  const omitted = Math.max(0, plan.changes.length - maxPlanChanges)
  return { hash: plan.hash, changes: plan.changes.slice(0, maxPlanChanges), omitted }
}

function bounded<T extends { readonly message: string }>(value: T): T {
  return { ...value, message: boundedText(value.message, maxMessageBytes) }
}

function toJson(value: unknown): string {
  return JSON.stringify(value, undefined, 1)
}

function refuseTooLarge({ data, binaryData }: StateDocument, resources: number): void {
  const texts = Object.entries(data).map(([key, value]) => key.length + Buffer.byteLength(value))
  const packed = Object.values(binaryData).map((value) => Math.ceil((value.length * 3) / 4))
  const size = [...texts, ...packed].reduce((sum, each) => sum + each, 0)
  if (size <= maxStateBytes) return
  const message = `the state of ${resources} resources takes ${size} bytes; one object holds ${maxStateBytes}`
  throw new ReconcileError('StateTooLarge', message)
}

function readDocument({ data, binaryData }: ConfigMap): State {
  if (data['stateVersion'] !== stateVersion) {
    throw new Error(
      `its stateVersion is "${data['stateVersion'] ?? ''}", and this version reads "${stateVersion}"`,
    )
  }
  const gz = binaryData['inventory.json.gz']
  if (gz === undefined) throw new Error('inventory.json.gz is missing')
  return {
    ready: readReady(data['ready']),
    reason: data['reason'] ?? '',
    message: data['message'] ?? '',
    observedHash: data['observedHash'] ?? '',
    summary: data['summary'] ?? '',
    clusterId: data['clusterId'] || undefined,
    reconciledAt: data['reconciledAt'] || undefined,
    conditions: readRecords(parse(data, 'conditions.json')) as unknown as readonly Condition[],
    resources: readRecords(
      member(parse(data, 'resources.json'), 'resources'),
    ) as unknown as readonly ResourceStatus[],
    plan: readPlan(parse(data, 'plan.json'), data['plan.txt'] ?? ''),
    history: readRecords(parse(data, 'history.json')) as unknown as readonly HistoryEntry[],
    approval: readApproval(parse(data, 'approval.json')),
    inventory: readInventory(gz, data['inventoryDigest'] ?? ''),
  }
}

function readReady(text: string | undefined): Ready {
  return text === 'True' || text === 'False' ? text : 'Unknown'
}

function parse(data: Readonly<Record<string, string>>, key: string): unknown {
  const text = data[key] ?? ''
  if (text === '') return undefined
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw new Error(`${key} is not JSON`, { cause })
  }
}

function member(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined
}

/** What is shown to people comes back as it was written; of a list that is none, nothing is left. */
function readRecords(value: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

function readPlan(value: unknown, text: string): StoredPlan | undefined {
  if (!isRecord(value)) return undefined
  const { hash, changes } = value
  return {
    hash: typeof hash === 'string' ? hash : undefined,
    text,
    changes: Array.isArray(changes) ? changes : [],
  }
}

function readApproval(value: unknown): Approval | undefined {
  if (value === undefined) return undefined
  const hash = member(value, 'hash')
  const remaining = member(value, 'remaining')
  if (typeof hash !== 'string' || !Array.isArray(remaining))
    throw new Error('approval.json is not an approval')
  return { hash, remaining: remaining.map(String) }
}
