import { isList, isMap } from '../../../src/core/canonical.ts'
import { objectOf, toJsonObject, without } from '../../../src/core/json.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import type { Json } from '../../../src/core/resource.ts'
import type { Snapshot } from '../resource.ts'

/** What is true of one NiFi only, what NiFi would act upon, and what only NiFi 1.x knows. */
const dropped = new Set([
  'instanceIdentifier',
  'instanceGroupId',
  'componentState',
  'versionedFlowCoordinates',
  'variables',
])

/** Maps whose members have names that people chose. */
const free = new Set(['properties', 'propertyDescriptors'])

/**
 * A definition without what belongs to the place where it was downloaded. Its own parameter contexts go too: contexts are documents
 * of their own, and NiFi would make those that are not there, with empty secrets.
 */
export function cleaned(snapshot: Snapshot): Snapshot {
  return {
    flowContents: cleanedObject(snapshot.flowContents),
    externalControllerServices: toJsonObject(snapshot['externalControllerServices']),
  }
}

function cleanedObject(json: JsonObject): JsonObject {
  return objectOf(
    Object.entries(without(json, dropped)).map(([name, value]) => {
      return [name, free.has(name) ? value : cleanedValue(value)] as const
    }),
  )
}

function cleanedValue(value: Json): Json {
  if (isList(value)) return value.map(cleanedValue)
  return isMap(value) ? cleanedObject(value) : value
}
