import type { Subject } from './subject.ts'

const orders = {
  settings: { number_of_shards: 1, number_of_replicas: 1, refresh_interval: '60s' },
  mappings: { dynamic: 'strict', properties: { id: { type: 'keyword' }, placed: { type: 'date' } } },
  aliases: { 'all-orders': {} },
}
const users = {
  settings: { number_of_replicas: 0 },
  mappings: {
    properties: { name: { type: 'text', fields: { raw: { type: 'keyword', ignore_above: 200 } } } },
  },
}
const removal = { allow: new Set(['DeletesIndex']) }
const properties = orders.mappings.properties

/** What the contract writes as indices. A refresh interval changed behind our back is drift that is corrected unasked. */
export const indexExamples: Subject['examples'] = {
  written: { orders, users },
  respelled: {
    users: {
      mappings: {
        properties: {
          name: {
            fields: { raw: { ignore_above: 200, type: 'keyword', doc_values: true } },
            index: true,
            type: 'text',
          },
        },
      },
      settings: { 'index.number_of_replicas': '0' },
    },
    orders: {
      aliases: { 'all-orders': {} },
      mappings: {
        dynamic: 'strict',
        properties: {
          placed: { type: 'date', format: 'strict_date_optional_time||epoch_millis' },
          id: { type: 'keyword' },
        },
      },
      settings: { index: { refresh_interval: '1m', number_of_shards: '1' }, 'index.number_of_replicas': '1' },
    },
  },
  changed: {
    orders: {
      ...orders,
      settings: { ...orders.settings, refresh_interval: '30s' },
      mappings: { dynamic: 'strict', properties: { ...properties, total: { type: 'double' } } },
    },
    users,
  },
  shrunk: { orders },
  removal,
  drift: { path: 'settings.index.refresh_interval', before: '7s', after: '1m' },
  invalid: { entry: { settings: { number_of_shards: 'three' } }, path: 'settings.number_of_shards' },
  rejected: {
    entry: { mappings: { properties: { id: { type: 'keywrd' } } } },
    words: /The mapper type \[keywrd\] declared on field \[id\] does not exist/,
  },
  refusals: [
    { code: 'ReservedName', after: { '.mine': {} } },
    {
      code: 'RejectedByServer',
      after: { orders: { mappings: { properties: { id: { type: 'text', analyzer: 'nope' } } } } },
    },
    {
      code: 'NameCollision',
      before: { orders },
      after: { 'all-orders': { settings: { refresh_interval: '5s' } }, orders },
    },
    {
      code: 'NeedsReindex',
      before: { orders },
      after: { orders: { ...orders, settings: { ...orders.settings, number_of_shards: 2 } } },
    },
    {
      code: 'NeedsReindex',
      before: { orders },
      after: {
        orders: {
          ...orders,
          mappings: { dynamic: 'strict', properties: { ...properties, id: { type: 'long' } } },
        },
      },
    },
    {
      code: 'ReopensIndex',
      before: { orders },
      after: { orders: { ...orders, settings: { ...orders.settings, codec: 'best_compression' } } },
    },
    {
      code: 'FewerReplicas',
      before: { orders },
      after: { orders: { ...orders, settings: { ...orders.settings, number_of_replicas: 0 } } },
    },
    {
      code: 'SourceDisabled',
      before: { logs: { mappings: { _source: { enabled: false }, properties: { at: { type: 'date' } } } } },
      after: {
        logs: {
          'on-incompatible': 'reindex',
          mappings: { _source: { enabled: false }, properties: { at: { type: 'keyword' } } },
        },
      },
    },
    { code: 'DeletesIndex', before: { orders, users }, after: { orders }, controls: { policy: 'sync' } },
    { code: 'EmptyDocument', before: { orders }, after: {}, controls: { policy: 'sync', ...removal } },
  ],
}

const basics = {
  template: {
    settings: { number_of_replicas: 0, refresh_interval: '60s' },
    mappings: { properties: { at: { type: 'date' }, 'host.name': { type: 'keyword' } } },
  },
  version: 3,
  _meta: { team: 'search' },
}
const aliased = { template: { aliases: { everything: {} } } }

/** The same for documents that are written whole: what somebody adds is drift too. */
export const componentExamples: Subject['examples'] = {
  written: { basics, aliased },
  respelled: {
    aliased: { template: { aliases: { everything: {} } } },
    basics: {
      _meta: { team: 'search' },
      version: 3,
      template: {
        mappings: { properties: { 'host.name': { type: 'keyword' }, at: { type: 'date' } } },
        settings: { index: { number_of_replicas: '0' }, 'index.refresh_interval': '1m' },
      },
    },
  },
  least: { template: {} },
  changed: { basics: { ...basics, version: 4 }, aliased },
  shrunk: { basics },
  drift: { path: 'version', before: 9, after: 3 },
  invalid: { entry: { template: [] }, path: 'template' },
  rejected: {
    entry: { template: { mappings: { properties: { id: { type: 'keywrd' } } } } },
    words: /The mapper type \[keywrd\] declared on field \[id\] does not exist/,
  },
  refusals: [
    { code: 'ReservedName', after: { '.mine': aliased } },
    { code: 'EmptyDocument', before: { basics }, after: {}, controls: { policy: 'sync' } },
  ],
}
