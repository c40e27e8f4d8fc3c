import type { Json } from '../../src/core/resource.ts'

/**
 * What Elasticsearch keeps for itself in an index's settings (`IndexScopedSettings.isPrivateSetting`, and what is registered
 * with `Property.PrivateIndex`): never written by a person, never compared, never carried over.
 */
const privateKeys = new Set(
  [
    'allocation.existing_shards_allocator',
    'creation_date',
    'creation_date_string',
    'frozen',
    'history.uuid',
    'history_uuid',
    'merge.enabled',
    'provided_name',
    'resize.source.name',
    'resize.source.uuid',
    'uuid',
    'verified_before_close',
    'verified_read_only',
  ].map((key) => `index.${key}`),
)
const privateGroups = [
  'downsample.',
  'rollup.source.',
  'routing.allocation.initial_recovery.',
  'shrink.source.',
  'store.snapshot.',
  'version.',
  'xpack.ccr.',
].map((group) => `index.${group}`)

const tierPreference = 'index.routing.allocation.include._tier_preference'

export function isPrivateSetting(key: string): boolean {
  return privateKeys.has(key) || privateGroups.some((group) => key.startsWith(group))
}

/** What the server adds to every new index by itself, unless a person wrote something else there. */
export function isInjected(key: string, value: Json): boolean {
  return key === tierPreference && value === 'data_content'
}

/** What is wrong with a setting, where that can be said without the server; it has its own words for the rest. */
export function checkSetting(key: string, value: Json): string | undefined {
  if (isPrivateSetting(key)) return 'is kept by Elasticsearch itself and cannot be set; leave it out'
  if (key === 'index.number_of_shards') return wholeNumber(value, 1, 1_024)
  if (key !== 'index.number_of_replicas') return undefined
  const range = typeof value === 'string' && /^\d+-(\d+|all)$/.test(value)
  return range
    ? `is a number; the range ${JSON.stringify(value)} belongs to auto_expand_replicas`
    : wholeNumber(value, 0)
}

function wholeNumber(value: Json, min: number, max = 2_147_483_647): string | undefined {
  if (typeof value === 'string' && /^\d{1,10}$/.test(value) && Number(value) >= min && Number(value) <= max) {
    return undefined
  }
  const range = max === 2_147_483_647 ? `of at least ${min}` : `from ${min} to ${max.toLocaleString('en')}`
  return `must be a whole number ${range}; ${JSON.stringify(value)} is not`
}

/** Then the number of replicas is what there happens to be, and cannot be written besides. */
export function expandsReplicas(range: Json | undefined): boolean {
  return (range ?? 'false') !== 'false'
}
