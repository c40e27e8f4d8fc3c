import type { Change, Json } from '../../src/core/resource.ts'
import type { Finding, Rule, RuleContext } from '../../src/core/rules.ts'
import { wayBack } from './way-back.ts'
import { isMarkedManaged } from './definition.ts'
import { judgeNameCollision, judgeNameTaken } from './name-rules.ts'
import { isJsonObject, isList } from '../../src/core/json.ts'
import { type Index, type SearchResource, isIndex } from './resource.ts'

type Judge = (change: Change<SearchResource>, context: RuleContext<SearchResource>) => Finding | undefined

/** What stands between a plan and an index that holds documents, or that is somebody else’s. */
export const indexRules: readonly Rule<SearchResource>[] = [
  {
    code: 'ReservedName',
    severity: 'refused',
    says: 'An index whose name starts with "." belongs to Elasticsearch or to one of its tools and is never created, changed or deleted.',
    wayOut: 'Remove the entry; what made the index keeps it itself.',
    judge: judgeReserved,
  },
  {
    code: 'DataStream',
    severity: 'refused',
    says: 'A data stream is never changed or deleted.',
    wayOut: 'Write an index template with "data_stream", and remove the entry from the indices.',
    judge: onObserved(({ name, facts }) =>
      facts?.standsFor === 'data-stream'
        ? `${name} is a data stream, with indices that Elasticsearch makes itself`
        : undefined,
    ),
  },
  {
    code: 'SeveralIndices',
    severity: 'refused',
    says: 'An alias that stands for several indices, or for one that takes no writes, is not an index.',
    wayOut: 'Write the indices behind the alias as entries of their own, or name the entry differently.',
    judge: onObserved(({ name, facts }) =>
      facts?.standsFor === 'several'
        ? `${name} is an alias over several indices, or over one that it does not write to`
        : undefined,
    ),
  },
  {
    code: 'NameTaken',
    severity: 'refused',
    says: 'An index is not created where something else bears its name.',
    wayOut: 'Point the alias at that index, delete it if nobody needs it, or name the entry differently.',
    judge: judgeNameTaken,
  },
  {
    code: 'NameCollision',
    severity: 'refused',
    says: 'Two entries cannot stand for one index.',
    wayOut: 'Keep one of the two entries, or remove the alias.',
    judge: judgeNameCollision,
  },
  {
    code: 'ManagedByLifecycle',
    severity: 'refused',
    says: 'An index that a lifecycle policy manages is not changed unless the entry names a policy too, and is never replaced or deleted.',
    wayOut: 'Write "index.lifecycle.name" in the settings, or remove the policy from the index first.',
    judge: judgeLifecycle,
  },
  {
    code: 'SourceDisabled',
    severity: 'refused',
    says: 'An index that does not keep the whole _source cannot be reindexed.',
    wayOut:
      'Write the definition that the index has, or fill a new index from where the documents came from.',
    judge: onReplace(({ fields }) =>
      keepsSource(fields)
        ? undefined
        : 'the index does not keep the documents as they were sent (_source), so that they cannot be copied',
    ),
  },
  {
    code: 'IndexClosed',
    severity: 'refused',
    says: 'A closed index cannot be reindexed.',
    wayOut: 'Open the index.',
    judge: onReplace(({ facts }) =>
      facts?.closed === true ? `${facts.index} is closed, and a closed index cannot be read` : undefined,
    ),
  },
  {
    code: 'NeedsReindex',
    severity: 'held',
    says: 'A change that an existing index cannot take waits for approval, unless the entry says "on-incompatible": "reindex".',
    wayOut: 'Write "on-incompatible": "reindex", approve the reindex, or write what the index has.',
    judge: (change) =>
      change.class === 'reindex' && onIncompatible(change) === 'hold'
        ? { message: `only a new index can have this: ${change.reason ?? ''}${begun(change)}` }
        : undefined,
  },
  {
    code: 'ReopensIndex',
    severity: 'held',
    says: 'A change that closes the index for a moment waits for approval.',
    wayOut:
      'Approve it when searches and writes may fail for some seconds, or write "on-incompatible": "reindex".',
    judge: (change) =>
      change.class === 'reopen' && observedIndex(change)?.facts?.closed !== true
        ? { message: `searches and writes fail while the index is closed for it: ${change.reason ?? ''}` }
        : undefined,
  },
  {
    code: 'FewerReplicas',
    severity: 'held',
    says: 'Fewer replicas wait for approval.',
    wayOut: 'Write the number that the index has, or approve: fewer copies outlive the loss of fewer nodes.',
    judge: judgeReplicas,
  },
  {
    code: 'DeletesIndex',
    severity: 'held',
    says: 'An index is deleted only with approval, however few documents it seems to hold.',
    wayOut: 'Approve the deletion, or write the entry again.',
    judge: judgeDeletion,
  },
]

/** Templates, pipelines and policies hold no documents; what is left is whose they are. */
export const definitionRules: readonly Rule<SearchResource>[] = [
  {
    code: 'ReservedName',
    severity: 'refused',
    says: 'What has a name that starts with "." belongs to Elasticsearch or to one of its tools and is never created, changed or deleted.',
    wayOut: 'Remove the entry; what made it keeps it itself.',
    judge: judgeReserved,
  },
  {
    code: 'ManagedElsewhere',
    severity: 'refused',
    says: 'What another tool marks as managed by it is not changed or deleted, unless the entry has the same mark.',
    wayOut: 'Name the entry differently, or write "_meta": {"managed": true} to take it over.',
    judge: ({ action, name, desired, observed }) =>
      observed !== undefined &&
      !isIndex(observed) &&
      observed.foreign === true &&
      !isMarkedManaged(desired?.fields.get('_meta'))
        ? { message: `${name} is managed by another tool (_meta.managed) and cannot be ${past[action]} here` }
        : undefined,
  },
]

const past = { create: 'created', update: 'changed', replace: 'replaced', delete: 'deleted' } as const

function judgeReserved({ action, name }: Change<SearchResource>): Finding | undefined {
  return name.startsWith('.')
    ? { message: `${name} is a reserved name and cannot be ${past[action]} here` }
    : undefined
}

function observedIndex({ observed }: Change<SearchResource>): Index | undefined {
  return observed !== undefined && isIndex(observed) ? observed : undefined
}

function onIncompatible({ desired }: Change<SearchResource>): 'hold' | 'reindex' {
  return (desired !== undefined && isIndex(desired) ? desired.options?.onIncompatible : undefined) ?? 'hold'
}

/** A copy can wait for an approval too: the entry said "reindex" when it was begun. */
function begun(change: Change<SearchResource>): string {
  const unfinished = observedIndex(change)?.facts?.unfinished
  return unfinished === undefined ? '' : ` (${unfinished}, which was begun for it, stays until then)`
}

/** A rule over what the server shows, whatever is to be done with it. */
function onObserved(sentence: (observed: Index) => string | undefined): Judge {
  return (change) => {
    const observed = observedIndex(change)
    const message = observed === undefined ? undefined : sentence(observed)
    return message === undefined ? undefined : { message }
  }
}

function onReplace(sentence: (observed: Index) => string | undefined): Judge {
  const judge = onObserved(sentence)
  return (change, context) => (change.action === 'replace' ? judge(change, context) : undefined)
}

const lifecycleName = 'settings.index.lifecycle.name'

/** With the policy written, or taken away by this very change, what ILM and an entry can both do goes on. */
function judgeLifecycle(change: Change<SearchResource>): Finding | undefined {
  const policy = observedIndex(change)?.facts?.lifecycle
  if (policy === undefined) return undefined
  if (change.action === 'replace' || change.action === 'delete')
    return {
      message: `the lifecycle policy ${policy} manages the index; it cannot be ${past[change.action]} here`,
    }
  const written = change.desired?.fields.has(lifecycleName) === true
  const leaving = change.fields.some(({ path, after }) => path === lifecycleName && after === undefined)
  if (written || leaving) return undefined
  return { message: `the lifecycle policy ${policy} manages the index, and the entry does not name it` }
}

/** A synthetic _source is made of the fields on reading and can be copied; one that lacks fields cannot. */
function keepsSource(fields: ReadonlyMap<string, Json>): boolean {
  const source = fields.get('mappings._source')
  if (fields.get('settings.index.mapping.source.mode') === 'disabled') return false
  if (!isJsonObject(source)) return true
  const filtered = [source['includes'], source['excludes']].some((each) => isList(each) && each.length > 0)
  return source['enabled'] !== false && source['mode'] !== 'disabled' && !filtered
}

const replicas = 'settings.index.number_of_replicas'
const expansion = 'settings.index.auto_expand_replicas'

/** The server shows as number_of_replicas what there is, also where auto_expand_replicas set it. */
function judgeReplicas(change: Change<SearchResource>): Finding | undefined {
  const observed = observedIndex(change)
  const now = count(observed?.fields.get(replicas))
  if (change.action !== 'update' || now === undefined) return undefined
  const fewer = change.fields.flatMap(({ path, after }) => {
    const most = path === replicas ? (count(after) ?? 1) : path === expansion ? expandsTo(after) : undefined
    return most !== undefined && most < now ? [{ path, most }] : []
  })
  const [first] = fewer
  if (first === undefined) return undefined
  const words = first.most === 1 ? '1 replica' : `${first.most} replicas`
  return {
    fields: fewer.map(({ path }) => path),
    message: `the index has ${now} ${now === 1 ? 'replica' : 'replicas'}, and ${words} would be left`,
  }
}

function count(value: Json | undefined): number | undefined {
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : undefined
}

/** The upper end of `0-2`; undefined for `0-all`, and for false, which leaves what is there. */
function expandsTo(range: Json | undefined): number | undefined {
  const [, most] = typeof range === 'string' ? (/^\d+-(\d+)$/.exec(range) ?? []) : []
  return most === undefined ? undefined : Number(most)
}

function judgeDeletion(change: Change<SearchResource>): Finding | undefined {
  if (change.action !== 'delete') return undefined
  const observed = observedIndex(change)
  const index = observed?.facts?.index ?? change.name
  return { message: `${index} would be deleted with every document in it${wayBack(observed)}` }
}
