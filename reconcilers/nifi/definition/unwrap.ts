import { isObject, own, toJsonObject } from '../../../src/core/json.ts'
import { quote } from '../../../src/core/quote.ts'
import type { Snapshot } from '../resource.ts'
import { lists } from './components.ts'

/** A definition without what stands around it; `at` is the way from what was written to the group. */
export type Unwrapped =
  { readonly snapshot: Snapshot; readonly at: readonly string[] } | { readonly problem: string }

const wayOut = 'use "Download flow definition" of the process group'

/** Members that tell what was written instead of a definition. */
const mistaken: readonly (readonly [string, string])[] = [
  [
    'rootGroup',
    `is the whole flow.json of a NiFi (it has rootGroup), not the definition of one group; ${wayOut}`,
  ],
  ['processGroupFlow', `is what NiFi's REST API shows of a canvas, not a definition; ${wayOut}`],
  ['component', `is an entity of NiFi's REST API, not a definition; ${wayOut}`],
  [
    'versionedFlowSnapshot',
    'is the body of a request to NiFi; write what stands in its versionedFlowSnapshot',
  ],
  ['encoding-version', `is a NiFi 1.x template, not a definition; ${wayOut}`],
]

/** What a registry or a script puts around a definition. */
const wrappers = ['snapshot', 'content']

/** Pure: what was written under `definition` → a flow definition with its group under flowContents. */
export function unwrap(written: unknown): Unwrapped {
  if (typeof written === 'string' && /^\s*</.test(written))
    return { problem: `is XML, as a NiFi 1.x template is, not a flow definition in JSON; ${wayOut}` }
  if (!isObject(written))
    return { problem: `must be a flow definition in JSON; ${quote(written)} is not; ${wayOut}` }
  for (const wrapper of wrappers) {
    const inner = own(written, wrapper)
    if (isObject(own(inner, 'flowContents')))
      return { snapshot: snapshotOf(inner), at: [wrapper, 'flowContents'] }
  }
  if (isObject(own(written, 'flowContents'))) return { snapshot: snapshotOf(written), at: ['flowContents'] }
  const mistake = mistaken.find(([member]) => own(written, member) !== undefined)
  if (mistake !== undefined) return { problem: mistake[1] }
  if (isGroup(written)) return { snapshot: { flowContents: toJsonObject(written) }, at: [] }
  return { problem: `has no flowContents, so it is not a flow definition; ${wayOut}` }
}

/** A group without anything around it, as `flowContents` itself is. */
function isGroup(written: Readonly<Record<string, unknown>>): boolean {
  return (
    typeof own(written, 'identifier') === 'string' &&
    [...lists.keys()].some((list) => Array.isArray(own(written, list)))
  )
}

function snapshotOf(written: unknown): Snapshot {
  const json = toJsonObject(written)
  return { ...json, flowContents: toJsonObject(json['flowContents']) }
}
