import { createHash } from 'node:crypto'
import { isList, isMap } from '../../../src/core/canonical.ts'
import { objectOf } from '../../../src/core/json.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import type { Json } from '../../../src/core/resource.ts'
import type { Snapshot } from '../resource.ts'
import { componentsOf, remotePortsOf, textOf } from './components.ts'

/** Members that hold the identifier of a component of the definition. */
const references = new Set(['identifier', 'groupIdentifier', 'id', 'groupId', 'remoteGroupId'])

/**
 * The same definition under identifiers of its own: a name-based UUID of `key` and the original, wherever one stands. So one
 * definition can be deployed twice, and each copy keeps its identifiers for ever.
 */
export function ownIdentifiers(snapshot: Snapshot, key: string): Snapshot {
  const components = componentsOf(snapshot)
  const known = [
    textOf(snapshot.flowContents, 'identifier'),
    ...components.keys(),
    ...remotePortsOf(snapshot).keys(),
  ]
  const all = new Map(known.map((identifier) => [identifier, nameBased(key, identifier)]))
  const services = [...components.values()].filter(({ kind }) => kind === 'controller-service')
  const names = {
    all,
    services: new Map(services.map(({ identifier }) => [identifier, nameBased(key, identifier)])),
  }
  return { ...snapshot, flowContents: renamed(snapshot.flowContents, names) }
}

interface Names {
  readonly all: ReadonlyMap<string, string>
  /** A property may hold the identifier of a service, and of nothing else. */
  readonly services: ReadonlyMap<string, string>
}

function renamed(json: JsonObject, names: Names): JsonObject {
  return objectOf(
    Object.entries(json).map(([name, value]) => {
      if (name === 'properties' && isMap(value)) return [name, renamedProperties(value, names)] as const
      if (name === 'propertyDescriptors') return [name, value] as const
      if (references.has(name) && typeof value === 'string')
        return [name, names.all.get(value) ?? value] as const
      return [name, renamedIn(value, names)] as const
    }),
  )
}

function renamedIn(value: Json, names: Names): Json {
  if (isList(value)) return value.map((each) => renamedIn(each, names))
  return isMap(value) ? renamed(value, names) : value
}

function renamedProperties(properties: JsonObject, { services }: Names): JsonObject {
  return objectOf(
    Object.entries(properties).map(([name, value]) => {
      return [name, typeof value === 'string' ? (services.get(value) ?? value) : value] as const
    }),
  )
}

/** RFC 9562, version 5 in form: SHA-1 over the key and the original, which no text can mix up. */
function nameBased(key: string, identifier: string): string {
  const hash = createHash('sha1')
    .update(JSON.stringify([key, identifier]))
    .digest()
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6)
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = hash.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  )
}
