import type { Change, FieldChange, Json } from '../../../src/core/resource.ts'
import type { Outcome } from '../../../src/reconcile/service-client.ts'
import { mappingSubset } from '../mapping-fields.ts'
import { isJsonObject, objectOf } from '../../../src/core/json.ts'
import type { Index, JsonObject } from '../resource.ts'
import { settingClass } from '../setting-class.ts'
import { addAlias, removeAlias } from './alias-actions.ts'
import { refusalOf } from './failures.ts'
import type { Refusal } from './failures.ts'
import { setStatic } from './reopen.ts'
import { pathPart, writeTimes } from './requests.ts'
import { putSettings } from './set-settings.ts'
import type { SettingChanges } from './set-settings.ts'
import type { Wire } from './wire.ts'

/** What a change does to the index behind the name, sorted by the request that does it. */
interface Steps {
  readonly limits: SettingChanges
  readonly dynamic: SettingChanges
  readonly reopened: SettingChanges
  readonly mapping: JsonObject
  readonly aliases: readonly object[]
}

/**
 * Everything of an update that the index itself can take: limits on fields before the fields, each class of settings in a request
 * of its own, analyzers before the mapping that uses them, aliases last. A step that fails does not keep the others back; the next
 * pass sees what is left. The synthetic field `index` is passed over. Throws ReconcileError only where the server did not answer.
 */
export async function applyInPlace(
  wire: Wire,
  change: Change<Index>,
  index: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const steps = stepsOf(change, index)
  const path = `/${pathPart(index)}`
  const refusals = [
    ...(await putSettings(wire, index, steps.limits, signal)),
    ...(await putSettings(wire, index, steps.dynamic, signal)),
    ...(await setStatic(wire, index, steps.reopened, change.observed, signal)),
    ...(await unless(isEmpty(steps.mapping), async () =>
      refusalOf(
        await wire.send(
          { method: 'PUT', path: `${path}/_mapping`, query: writeTimes, body: steps.mapping },
          signal,
        ),
      ),
    )),
    ...(await unless(steps.aliases.length === 0, async () =>
      refusalOf(
        await wire.send(
          { method: 'POST', path: '/_aliases', query: writeTimes, body: { actions: steps.aliases } },
          signal,
        ),
      ),
    )),
  ]
  return outcomeOf(refusals)
}

/** Of several refusals the first speaks, with the words of all. */
function outcomeOf(refusals: readonly Refusal[]): Outcome {
  const [first] = refusals
  if (first === undefined) return { state: 'done' }
  const words = [...new Set(refusals.map(({ message }) => message))]
  return { state: 'failed', reason: first.reason, message: words.join('; ') }
}

async function unless(idle: boolean, send: () => Promise<Refusal | undefined>): Promise<readonly Refusal[]> {
  const refusal = idle ? undefined : await send()
  return refusal === undefined ? [] : [refusal]
}

function stepsOf({ fields, desired, observed }: Change<Index>, index: string): Steps {
  const settings = changesUnder(fields, 'settings.')
  const isStatic = ([key]: readonly [string, unknown]) => settingClass(key) !== 'dynamic'
  const isLimit = ([key]: readonly [string, unknown]) => key.startsWith('index.mapping.')
  const dynamic = [...settings].filter((each) => !isStatic(each))
  return {
    limits: new Map(dynamic.filter(isLimit)),
    dynamic: new Map(dynamic.filter((each) => !isLimit(each))),
    reopened: new Map([...settings].filter(isStatic)),
    mapping: mappingOf(fields, desired, observed),
    aliases: [...changesUnder(fields, 'aliases.')].map(([alias, after]) => aliasAction(index, alias, after)),
  }
}

/** Name → value, or null where it goes. */
function changesUnder(fields: readonly FieldChange[], prefix: string): ReadonlyMap<string, Json> {
  return new Map(
    fields
      .filter(({ path }) => path.startsWith(prefix))
      .map(({ path, after }) => [path.slice(prefix.length), after ?? null]),
  )
}

/** What a root parameter is when nobody wrote it. The server takes no null for it. */
const rootDefaults: Readonly<Record<string, Json>> = {
  dynamic: 'true',
  date_detection: true,
  numeric_detection: false,
  dynamic_date_formats: ['strict_date_optional_time', 'yyyy/MM/dd HH:mm:ss Z||yyyy/MM/dd Z'],
  dynamic_templates: [],
  _meta: {},
}

function mappingOf(
  fields: readonly FieldChange[],
  desired: Index | undefined,
  observed: Index | undefined,
): JsonObject {
  const changed = fields.filter(({ path }) => path.startsWith('mappings.'))
  if (changed.length === 0) return objectOf([])
  const paths = new Set(changed.map(({ path }) => path))
  const subset = mappingSubset(desired?.body.mappings ?? objectOf([]), paths, observed?.body.mappings)
  const defaults = changed.flatMap(({ path, after }): [string, Json][] => {
    const name = path.slice('mappings.'.length)
    const value = after === undefined && Object.hasOwn(rootDefaults, name) ? rootDefaults[name] : undefined
    return value === undefined ? [] : [[name, value]]
  })
  return objectOf([...Object.entries(subset), ...defaults])
}

/** What is to go may have gone by now. */
function aliasAction(index: string, alias: string, after: Json): object {
  if (after === null) return removeAlias(index, alias, false)
  return addAlias(index, alias, isJsonObject(after) ? after : objectOf<Json>([]))
}

function isEmpty(object: JsonObject): boolean {
  return Object.keys(object).length === 0
}
