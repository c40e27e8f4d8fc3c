import { ReconcileError } from '../../../../src/errors.ts'
import type { Change } from '../../../../src/core/resource.ts'
import type { Flow, FlowFacts, FlowOptions } from '../../resource.ts'
import type { Tools } from '../tools.ts'
import { type Work, workOn } from './work.ts'

/** What the steps of one change are made with: the flow as it was a moment ago, and what is known of the change from earlier passes. */
export interface Site {
  readonly tools: Tools
  readonly change: Change<Flow>
  readonly desired: Flow
  readonly options: FlowOptions
  readonly groupId: string
  readonly live: Flow
  readonly facts: FlowFacts
  readonly work: Work
}

/** A flow that is there, as the client observed it. */
export interface Live {
  readonly groupId: string
  readonly live: Flow
  readonly facts: FlowFacts
}

/** A fresh look. Undefined: it is not there. */
export async function lookAt(
  tools: Tools,
  { name, desired, id }: Pick<Change<Flow>, 'name' | 'desired' | 'id'>,
  signal: AbortSignal,
): Promise<Live | undefined> {
  const sought = { ...(desired === undefined ? {} : { desired }), ...(id === undefined ? {} : { id }) }
  const live = await tools.readFlow(name, sought, signal)
  if (live === undefined) return undefined
  if (live.facts === undefined) throw new ReconcileError('InternalError', 'a flow was observed without facts')
  return { live, facts: live.facts, groupId: live.facts.groupId }
}

export function siteOf(
  tools: Tools,
  change: Change<Flow>,
  desired: Flow,
  { live, facts, groupId }: Live,
): Site {
  const { options } = desired
  if (options === undefined) throw new ReconcileError('InternalError', 'a flow is desired without options')
  return { tools, change, desired, options, live, facts, groupId, work: workOn(tools, groupId) }
}

/** The same change, looked at anew. Throws where the flow is gone: the next pass makes it again. */
export async function again(site: Site, signal: AbortSignal): Promise<Site> {
  const { tools, change, desired, groupId } = site
  const fresh = await lookAt(tools, { ...change, id: groupId }, signal)
  if (fresh?.groupId !== groupId) throw gone()
  return siteOf(tools, change, desired, fresh)
}

export function gone(): ReconcileError {
  return new ReconcileError(
    'ChangesFailed',
    'the process group was deleted while it was changed; it is made again',
  )
}
