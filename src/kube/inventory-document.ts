import { gunzipSync, gzipSync } from 'node:zlib'
import { canonicalJson, sha256 } from '../core/canonical.ts'
import type { Inventory, InventoryEntry, Replaced } from '../core/inventory.ts'
import { keyOf, type Fields, type Json, type ResourceKey } from '../core/resource.ts'
import { isRecord } from './answer.ts'

/** Gzipped canonical JSON in base64, and the sha256 of the JSON: what was cut short or edited by hand is found out. */
export interface InventoryDocument {
  readonly gz: string
  readonly digest: string
}

/** Unpacked; an inventory that packs into one ConfigMap is far below. */
const maxTextBytes = 64 * 1024 * 1024

/** One inventory has one text: entries by type and name, fields by path, no time, and a gzip header without time or platform. */
export function writeInventory(inventory: Inventory): InventoryDocument {
  const text = `[${[...inventory.keys()]
    .sort()
    .map((key) => entryText(inventory.get(key)))
    .join(',\n')}]`
  const packed = gzipSync(text)
  packed.fill(0, 4, 8)
  packed[9] = 255
  return { gz: packed.toString('base64'), digest: sha256(text) }
}

function entryText(entry: InventoryEntry | undefined): string {
  if (entry === undefined) return 'null'
  const { type, name, id, deletable, spelledBy, edition, ...more } = entry
  const { fields, intended, spelled, remembered, replaces } = more
  const facts = JSON.stringify({ type, name, id, deletable, spelledBy, edition }).slice(0, -1)
  const about = Object.entries({ intended, spelled, remembered })
    .map(([member, of]) => (of === undefined ? '' : `,"${member}":${fieldsText(of)}`))
    .join('')
  const instead = replaces === undefined ? '' : `,"replaces":${canonicalJson(replaces)}`
  return `${facts},"fields":${fieldsText(fields)}${about}${instead}}`
}

function fieldsText(fields: Fields): string {
  const members = [...fields.keys()]
    .sort()
    .map((path) => `${JSON.stringify(path)}:${canonicalJson(fields.get(path))}`)
  return `{${members.join(',')}}`
}

/** Throws with a sentence for whatever `writeInventory` did not write. */
export function readInventory(gz: string, digest: string): Inventory {
  const text = gunzipSync(Buffer.from(gz, 'base64'), { maxOutputLength: maxTextBytes }).toString('utf8')
  if (sha256(text) !== digest) throw new Error('the inventory does not match its digest')
  const entries: unknown = JSON.parse(text)
  if (!Array.isArray(entries)) throw new Error('the inventory is not a list')
  return new Map(
    entries.map((entry): [ResourceKey, InventoryEntry] => {
      const read = readEntry(entry)
      return [keyOf(read), read]
    }),
  )
}

function readEntry(value: unknown): InventoryEntry {
  if (!isRecord(value)) throw new Error('an entry of the inventory is not a map')
  const { type, name, id, fields, intended, spelled, spelledBy, edition, remembered, deletable, replaces } =
    value
  if (typeof type !== 'string' || typeof name !== 'string' || typeof deletable !== 'boolean') {
    throw new Error('an entry of the inventory lacks type, name or deletable')
  }
  return {
    type,
    name,
    deletable,
    fields: readFields(fields),
    ...(typeof id === 'string' ? { id } : {}),
    ...(intended === undefined ? {} : { intended: readFields(intended) }),
    ...(spelled === undefined ? {} : { spelled: readFields(spelled) }),
    ...(typeof spelledBy === 'string' ? { spelledBy } : {}),
    ...(typeof edition === 'string' ? { edition } : {}),
    ...(remembered === undefined ? {} : { remembered: readFields(remembered) }),
    ...(replaces === undefined ? {} : { replaces: readReplaced(replaces) }),
  }
}

function readReplaced(value: unknown): Replaced {
  const { name, id, of } = isRecord(value) ? value : {}
  if (typeof name !== 'string') throw new Error('what an entry of the inventory replaces has no name')
  return { name, ...(typeof id === 'string' ? { id } : {}), ...(typeof of === 'string' ? { of } : {}) }
}

function readFields(value: unknown): Fields {
  if (!isRecord(value)) throw new Error('the fields of an inventory entry are not a map')
  return new Map(Object.entries(value) as [string, Json][])
}
