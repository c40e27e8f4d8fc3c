/**
 * Hidden aliases by which an index says what InfoMetis is about to do with it: whoever comes after a crash reads them on the
 * server. The longest of them is what keeps an index name below Elasticsearch's own limit (`maxNameBytes`).
 */
const prefix = 'infometis-'
const building = /^infometis-building-([0-9a-f]{12})-(.+)$/s
const blocked = /^infometis-blocked-(.+)$/s
const rollback = /^infometis-rollback-(.+)-until-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/s

/** Elasticsearch takes 255 bytes of UTF-8 for an index or an alias; `infometis-rollback-<name>-until-<time>` has to fit. */
export const maxNameBytes = 255 - 'infometis-rollback--until-20261120T101500Z'.length

/** On the target of a reindex until the swap. `hash`: 12 lower-case hex digits of what it is built from and for. */
export function buildingAlias(hash: string, name: string): string {
  return `${prefix}building-${hash}-${name}`
}

export function parseBuildingAlias(
  alias: string,
): { readonly hash: string; readonly name: string } | undefined {
  const [, hash, name] = building.exec(alias) ?? []
  return hash === undefined || name === undefined ? undefined : { hash, name }
}

/** On the source while we, and nobody else, hold its write block. */
export function blockedAlias(name: string): string {
  return `${prefix}blocked-${name}`
}

/** On the old index after the swap: a way back until then, to the second. `untilMs`: milliseconds since 1970, up to the year 9999. */
export function rollbackAlias(name: string, untilMs: number): string {
  const until = new Date(untilMs).toISOString().replace(/\.\d+/, '').replace(/[-:]/g, '')
  return `${prefix}rollback-${name}-until-${until}`
}

export function parseRollbackAlias(
  alias: string,
): { readonly name: string; readonly untilMs: number } | undefined {
  const [, name, year, month, day, hour, minute, second] = rollback.exec(alias) ?? []
  if (name === undefined) return undefined
  const untilMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(untilMs) ? undefined : { name, untilMs }
}

/** On the target: its `index_routing` says how far the copy is (progress.ts). Nothing is ever routed by it. */
export function copiedAlias(name: string): string {
  return `${prefix}copied-${name}`
}

/**
 * On the target while a swap is allowed: the swap must take it off. It is taken off before a write block is lifted, so that a swap
 * whose answer got lost, and that arrives late, can no longer happen.
 */
export function permitAlias(name: string): string {
  return `${prefix}swap-${name}`
}

/** On the clone of a concrete index until the swap: a clone that was left over by a crash is stale and goes. */
export function cloneAlias(name: string): string {
  return `${prefix}clone-${name}`
}

/** On an index that is closed only while we change its settings. */
export function reopeningAlias(index: string): string {
  return `${prefix}reopening-${index}`
}

/** Marks of a step of a reindex, or of an index that is being reopened. */
const steps = /^infometis-(copied|swap|clone|reopening)-./s

/** Whether an alias is one of these marks, and so neither a person's nor ever compared. */
export function isMarker(alias: string): boolean {
  return (
    [building, blocked, steps].some((mark) => mark.test(alias)) || parseRollbackAlias(alias) !== undefined
  )
}
