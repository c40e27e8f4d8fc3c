import { z } from 'zod'
import type { Change, FieldChange, Json } from '../../src/core/resource.ts'
import type { Rule } from '../../src/core/rules.ts'
import type { ResourceType } from '../../src/reconcile/resource-type.ts'
import { ServiceReconciler } from '../../src/reconcile/service-reconciler.ts'
import type { Controls } from '../../src/reconcile/written.ts'
import { Depot, DepotClient, type Item } from './depot.ts'
import { Desk } from './desk.ts'

const scalar = z.union([z.string(), z.number()])

const racks: ResourceType<Item> = {
  name: 'racks',
  entryName: z.string(),
  schema: z.record(z.string(), scalar),
  normalize: (name, written) => ({ type: 'racks', name, fields: fieldsOf(written), whole: true }),
  toWritten: () => undefined,
  rules: [],
  yields: (path) => path === 'light',
  requires: ({ fields }) => {
    const below = fields.get('on')
    return typeof below === 'string' ? [`racks/${below}`] : []
  },
}

const boxRules: readonly Rule<Item>[] = [
  {
    code: 'DeletesBox',
    severity: 'held',
    says: 'A box is deleted only with approval.',
    wayOut: 'Approve it.',
    judge: ({ action, name }) => (action === 'delete' ? { message: `${name} may hold things` } : undefined),
  },
  {
    code: 'NeedsAnotherBox',
    severity: 'held',
    says: 'A box is replaced only with approval, unless it is free.',
    wayOut: 'Approve it, or write free.',
    judge: ({ action, desired }) =>
      action === 'replace' && desired?.free !== true ? { message: 'it needs another box' } : undefined,
  },
]

const boxes: ResourceType<Item> = {
  name: 'boxes',
  entryName: z.string(),
  schema: z.record(z.string(), z.union([scalar, z.boolean()])),
  normalize: normalizeBox,
  toWritten: () => undefined,
  rules: boxRules,
  classify: classifyBox,
  requires: ({ fields }) => {
    const rack = fields.get('rack')
    return typeof rack === 'string' ? [`racks/${rack}`] : []
  },
}

function fieldsOf(written: unknown): ReadonlyMap<string, Json> {
  return new Map(Object.entries(z.record(z.string(), scalar).parse(written)))
}

function normalizeBox(name: string, written: unknown): Item {
  const { free, ...rest } = z.looseObject({ free: z.boolean().optional() }).parse(written)
  return { type: 'boxes', name, fields: fieldsOf(rest), free: free === true }
}

/** A box keeps its size; everything else is set in place. */
function classifyBox(change: Change<Item>): readonly Change<Item>[] {
  const { observed, fields, cause } = change
  const own = observed?.fields.get('box')
  const sized = fields.some(({ path }) => path === 'size')
  const inPlace = fields.filter(({ path }) => path !== 'size' && !(sized && path === 'box'))
  const parts: Change<Item>[] = []
  if (inPlace.length > 0) {
    parts.push({ ...change, fields: inPlace, class: 'in place', reason: 'it can be set as it stands' })
  }
  if (!sized || typeof own !== 'string' || observed?.next === undefined) return parts
  const label: FieldChange = { path: 'box', before: own, after: observed.next.name, cause }
  const size = fields.filter(({ path }) => path === 'size')
  return [
    ...parts,
    {
      ...change,
      action: 'replace',
      fields: [label, ...size],
      class: 'another box',
      reason: 'a box keeps its size',
      leaves: { name: own, ...(observed.id === undefined ? {} : { id: observed.id }) },
    },
  ]
}

class DepotReconciler extends ServiceReconciler<Item> {
  readonly kind = 'depot'
  readonly types = [racks, boxes]
  readonly settings = z.unknown()
  readonly #depot: Depot

  constructor(depot: Depot) {
    super()
    this.#depot = depot
  }

  connect(): DepotClient {
    return new DepotClient(this.#depot)
  }
}

/** A service with two types, classes of changes and replacements at a desk of its own: `test/support/depot.ts`. */
export class DepotDesk extends Desk<Item> {
  readonly depot: Depot

  constructor(depot = new Depot()) {
    super(new DepotReconciler(depot), () => new DepotClient(depot))
    this.depot = depot
  }

  /** Writes the ConfigMap `boxes` (or `name`) with boxes. */
  boxes(
    entries: Readonly<Record<string, unknown>>,
    controls: Partial<Controls> = {},
    name = 'boxes',
    createdAt = 0,
  ): void {
    this.write(name, 'boxes', entries, { controls, createdAt })
  }

  racks(entries: Readonly<Record<string, unknown>>, controls: Partial<Controls> = {}): void {
    this.write('racks', 'racks', entries, { controls })
  }

  override unready(name = 'boxes'): readonly string[] {
    return super.unready(name)
  }

  /** The box behind a name, with its fields. */
  behind(name: string): Readonly<Record<string, Json>> {
    const own = this.depot.labels.get(name) ?? name
    return { box: own, ...Object.fromEntries(this.depot.boxes.get(own)?.fields ?? []) }
  }
}

/** A depot's reconciler for whoever has a world of its own. */
export function depotReconciler(depot: Depot): ServiceReconciler<Item> {
  return new DepotReconciler(depot)
}
