import type { Change } from '../../src/core/resource.ts'
import type { Finding, Rule, RuleContext } from '../../src/core/rules.ts'
import { judgeCycle, judgeInUse } from './context-rules.ts'
import { judgeFixed, judgeIdentifiersGone, judgePortInUse, judgeDrops } from './definition-rules.ts'
import { judgeInside, judgeSameGroup, judgeSharedIdentifiers } from './neighbour-rules.ts'
import { type Flow, type NifiResource, isFlow, isOfFlow } from './resource.ts'
import { flowFilesIn } from './definition-change.ts'

/** What stands between a plan and FlowFiles, component state, or a group that is somebody else’s. */
export const flowRules: readonly Rule<NifiResource>[] = [
  {
    code: 'AmbiguousGroup',
    severity: 'refused',
    says: 'Nothing is done where several process groups could be the flow.',
    wayOut: 'Rename or remove all but one of the groups named, or write another "name".',
    judge: onFlow(({ observed }) => {
      const rivals = observed?.facts?.rivals ?? []
      return rivals.length === 0
        ? undefined
        : `several process groups could be meant: ${[observed?.id ?? '', ...rivals].join(', ')}`
    }),
  },
  {
    code: 'ForeignVersionControl',
    severity: 'refused',
    says: 'A flow that somebody put under version control is neither replaced nor deleted.',
    wayOut:
      'Stop version control of the process group in NiFi, or remove the entry and leave the flow to the registry.',
    judge: onFlow(({ action, class: way, observed, remembered }) => {
      const control = observed?.facts?.versionControl
      const concerned = action === 'delete' ? remembered?.get('on-removal') === 'delete' : way !== 'settings'
      return control !== undefined && concerned ? `it is under version control: ${control}` : undefined
    }),
  },
  {
    code: 'SameGroup',
    severity: 'refused',
    says: 'Two entries are never one process group.',
    wayOut: 'Give one of them another "name" or "parent".',
    judge: onFlow(judgeSameGroup),
  },
  {
    code: 'InsideAnotherFlow',
    severity: 'refused',
    says: 'A flow does not stand inside the process group of another one, which would remove it.',
    wayOut: 'Write another "parent", or make it part of the other definition.',
    judge: onFlow(judgeInside),
  },
  {
    code: 'SharedIdentifiers',
    severity: 'refused',
    says: 'Two flows do not share the identifiers of their components.',
    wayOut: 'Write "identifiers": "own" in one of them.',
    judge: onFlow(judgeSharedIdentifiers),
  },
  {
    code: 'MissingBundle',
    severity: 'refused',
    says: 'A flow with a processor or service that this NiFi does not have is neither made nor changed.',
    wayOut: 'Install the bundle in NiFi, or name one that it has.',
  },
  {
    code: 'CodeNotAllowed',
    severity: 'refused',
    says: 'A flow with a processor or service that runs code is made only where NIFI_ALLOWED_CODE allows the type.',
    wayOut: 'Add the type to NIFI_ALLOWED_CODE of the reconciler, or do it without code.',
  },
  {
    code: 'UnresolvedParameter',
    severity: 'refused',
    says: 'A flow that refers to a parameter which its context does not have is neither made nor changed.',
    wayOut: 'Write the parameter in the parameter context, or bind another one to the group.',
  },
  {
    code: 'ParentMissing',
    severity: 'refused',
    says: 'A flow is not made below a process group that is not there.',
    wayOut: 'Make the process group in NiFi, or write another "parent".',
  },
  {
    code: 'PortInUse',
    severity: 'refused',
    says: 'A port that connections outside of the flow use is not removed.',
    wayOut: 'Remove the connection in NiFi first, or keep the port under its identifier.',
    judge: onFlow(judgePortInUse),
  },
  {
    code: 'ComponentFixed',
    severity: 'refused',
    says: 'A component keeps its type, and a remote process group its address: NiFi does not change them.',
    wayOut: 'Give the component another identifier: then it is made anew.',
    judge: onFlowFields(judgeFixed),
  },
  {
    code: 'MostIdentifiersGone',
    severity: 'held',
    says: 'More than half of a flow is not replaced by components of other identifiers unasked.',
    wayOut:
      'Keep the identifiers (change the flow in the NiFi it was exported from), or approve the plan: queues and the state of processors go.',
    judge: onFlow(judgeIdentifiersGone),
  },
  {
    code: 'DropsFlowFiles',
    severity: 'held',
    says: 'FlowFiles are not dropped unasked.',
    wayOut: 'Write "queues": "keep" or "drain", or approve the plan.',
    judge: onFlow(judgeDrops),
  },
  {
    code: 'DeletesFlowFiles',
    severity: 'held',
    says: 'A flow that holds FlowFiles is not deleted unasked.',
    wayOut: 'Let it run empty first, or approve the plan: what it holds is dropped.',
    judge: onFlow((change) => {
      const queues = change.observed?.facts?.queues
      const concerned = change.action === 'delete' && change.remembered?.get('on-removal') === 'delete'
      return concerned && queues !== undefined && queues.size > 0
        ? `it would be deleted with ${flowFilesIn(change, queues.keys())} in its connections`
        : undefined
    }),
  },
]

/** What stands between a plan and flows that use a parameter context. */
export const contextRules: readonly Rule<NifiResource>[] = [
  {
    code: 'ContextInUse',
    severity: 'refused',
    says: 'A parameter context that process groups use is not deleted.',
    wayOut: 'Bind the groups to another context first; then it goes by itself.',
    judge: judgeInUse,
  },
  {
    code: 'CircularInheritance',
    severity: 'refused',
    says: 'Parameter contexts do not inherit from each other in a circle.',
    wayOut: 'Take one of the names out of "inherits".',
    judge: judgeCycle,
  },
]

type Judge = (change: Change<NifiResource>, context: RuleContext<NifiResource>) => Finding | undefined

/** A finding that withholds the whole part. */
function onFlow(say: (change: Change<Flow>, desired: readonly Flow[]) => string | undefined): Judge {
  return onFlowFields((change, desired) => {
    const message = say(change, desired)
    return message === undefined ? undefined : { message }
  })
}

function onFlowFields(judge: (change: Change<Flow>, desired: readonly Flow[]) => Finding | undefined): Judge {
  return (change, { desired }) => (isOfFlow(change) ? judge(change, desired.filter(isFlow)) : undefined)
}
