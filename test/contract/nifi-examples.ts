import type { Subject } from './subject.ts'

const standard = { group: 'org.apache.nifi', artifact: 'nifi-standard-nar', version: '2.3.0' }
const processors = 'org.apache.nifi.processors.standard'

/** Ids as NiFi makes them; the last digits say whose they are. */
const id = (digits: string): string => `00000000-0000-4000-8000-${digits.padStart(12, '0')}`

/** A source that makes one FlowFile an hour, and a sink: nothing is in the queue for longer than a moment. */
function definition(number: number, text: string): object {
  const [group, source, sink, connection] = [
    id(`${number}0`),
    id(`${number}1`),
    id(`${number}2`),
    id(`${number}3`),
  ]
  return {
    flowContents: {
      identifier: group,
      name: `flow ${number}`,
      processors: [
        {
          identifier: source,
          groupIdentifier: group,
          name: 'Make events',
          type: `${processors}.GenerateFlowFile`,
          bundle: standard,
          schedulingPeriod: '1 hour',
          properties: { 'Batch Size': '1', 'generate-ff-custom-text': text },
        },
        {
          identifier: sink,
          groupIdentifier: group,
          name: 'Log events',
          type: `${processors}.LogAttribute`,
          bundle: standard,
          properties: {},
          autoTerminatedRelationships: ['success'],
        },
      ],
      connections: [
        {
          identifier: connection,
          groupIdentifier: group,
          source: { id: source, type: 'PROCESSOR', groupId: group },
          destination: { id: sink, type: 'PROCESSOR', groupId: group },
          selectedRelationships: ['success'],
        },
      ],
    },
  }
}

const source = id('11')

/** What somebody edits by hand. */
export const drifting = { processor: 'Make events', property: 'generate-ff-custom-text' }

const orders = { definition: definition(1, 'an order'), 'on-removal': 'delete' }
const users = { definition: definition(2, 'a user'), 'on-removal': 'delete', 'run-state': 'stopped' }
const unknownType = JSON.parse(JSON.stringify(orders).replaceAll('.LogAttribute', '.LogAttributes')) as object
const removal = { allow: new Set(['DeletesFlow']) }

/** What the contract writes as flows. A property changed behind our back is drift that is corrected unasked. */
export const flowExamples: Subject['examples'] = {
  written: { orders, users },
  respelled: {
    users: {
      'run-state': 'stopped',
      'on-removal': 'delete',
      parent: 'root',
      definition: definition(2, 'a user'),
    },
    orders: { ...orders, queues: 'keep', 'run-state': 'running', 'drain-timeout': '300s' },
  },
  least: { definition: { flowContents: { identifier: id('90'), name: 'nothing' } } },
  changed: { orders: { ...orders, definition: definition(1, 'another order') }, users },
  shrunk: { orders },
  removal,
  drift: {
    path: `processors.${source}.properties.generate-ff-custom-text`,
    title: 'processor "Make events": properties.generate-ff-custom-text',
    before: 'by hand',
    after: 'an order',
  },
  invalid: { entry: { definition: { flowContents: [] } }, path: 'definition' },
  rejected: {
    entry: { ...users, definition: (unknownType as typeof users).definition },
    words: /LogAttributes/,
  },
  refusals: [
    { code: 'MissingBundle', after: { orders: unknownType } },
    { code: 'ParentMissing', after: { orders: { ...orders, parent: 'root/nowhere' } } },
    {
      code: 'MostIdentifiersGone',
      before: { orders },
      after: { orders: { ...orders, definition: definition(3, 'an order') } },
    },
    { code: 'EmptyDocument', before: { orders }, after: {}, controls: { policy: 'sync', ...removal } },
  ],
}

const shop = {
  description: 'of the shop',
  parameters: { topic: { value: 'orders' }, limit: { value: '10' } },
}
const shared = { parameters: { region: { value: 'eu', description: 'where it runs' } } }

/** The same for parameter contexts. */
export const contextExamples: Subject['examples'] = {
  written: { shop, shared },
  respelled: {
    shared: { parameters: { region: { description: 'where it runs', value: 'eu' } }, inherits: [] },
    shop: { parameters: { limit: { value: '10' }, topic: { value: 'orders' } }, description: 'of the shop' },
  },
  changed: { shop: { ...shop, parameters: { ...shop.parameters, limit: { value: '20' } } }, shared },
  shrunk: { shop },
  drift: { path: 'parameters.topic', before: 'by hand', after: 'orders' },
  invalid: { entry: { parameters: { topic: { value: ['a'] } } }, path: 'parameters.topic' },
  rejected: { entry: { inherits: ['shop'], parameters: { 'a/b': { value: '1' } } }, words: /a\/b/ },
  refusals: [{ code: 'EmptyDocument', before: { shop }, after: {}, controls: { policy: 'sync' } }],
}
