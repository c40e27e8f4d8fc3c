import fc from 'fast-check'
import type { Snapshot } from '../../reconcilers/nifi/resource.ts'
import { connection, definitionOf, funnel, groupNamed, port, processor, service } from './nifi-definition.ts'

/** What can stand in one group: so many of each, with names of their own. */
interface Inside {
  readonly processors: readonly { readonly value: string; readonly period: string; readonly at: number }[]
  readonly wires: readonly (readonly [number, number])[]
  readonly funnels: number
  readonly services: number
  readonly ports: boolean
}

const inside: fc.Arbitrary<Inside> = fc.record({
  processors: fc.array(
    fc.record({
      value: fc.constantFrom('', 'x', '#{topic}', '1'),
      period: fc.constantFrom('0 sec', '1 sec'),
      at: fc.integer({ min: 0, max: 3 }),
    }),
    { maxLength: 4 },
  ),
  wires: fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 5 }),
  funnels: fc.nat(1),
  services: fc.nat(2),
  ports: fc.boolean(),
})

/** Contents of a group; identifiers follow from what they are and where, so that two definitions have many in common. */
function contentsOf(of: Inside, id: string, prefix: string): Readonly<Record<string, unknown>> {
  const services = Array.from({ length: of.services }, (_, at) => {
    const before = at === 0 ? {} : { other: `${prefix}s${at - 1}` }
    return service(`${prefix}s${at}`, { properties: before })
  })
  const processors = of.processors.map(({ value, period, at }, index) => {
    const used = services.length > 0 && index % 2 === 0 ? { service: `${prefix}s${services.length - 1}` } : {}
    const properties = { ...used, value: value === '' ? null : value }
    return processor(`${prefix}p${index}`, {
      properties,
      schedulingPeriod: period,
      position: { x: at, y: 0 },
    })
  })
  const funnels = Array.from({ length: of.funnels }, (_, at) => funnel(`${prefix}f${at}`))
  const ends = [
    ...processors.map((_, at) => ({ id: `${prefix}p${at}`, type: 'PROCESSOR', groupId: id })),
    ...funnels.map((_, at) => ({ id: `${prefix}f${at}`, type: 'FUNNEL', groupId: id })),
    ...(of.ports ? [{ id: `${prefix}in`, type: 'INPUT_PORT', groupId: id }] : []),
  ]
  const connections = of.wires.flatMap(([from, to], at) => {
    const [source, destination] = [ends[from % ends.length], ends[to % ends.length]]
    return source && destination ? [connection(`${prefix}c${at}`, source, destination)] : []
  })
  const inputPorts = of.ports ? [port(`${prefix}in`, 'INPUT_PORT')] : []
  return { processors, controllerServices: services, funnels, connections, inputPorts }
}

/** A definition with groups in groups. Two of them share most identifiers, as two versions of one flow do. */
export const someDefinition: fc.Arbitrary<Snapshot> = fc
  .record({ own: inside, first: fc.option(inside), second: fc.option(inside), nested: fc.boolean() })
  .map(({ own, first, second, nested }) => {
    const below = second === null ? [] : [groupNamed('h', 'parse', contentsOf(second, 'h', 'h'))]
    const held =
      first === null
        ? below
        : [groupNamed('g', 'in/out', { ...contentsOf(first, 'g', 'g'), processGroups: nested ? below : [] })]
    const processGroups = first === null || nested ? held : [...held, ...below]
    return definitionOf({ ...contentsOf(own, 'own', ''), processGroups })
  })

/** The same definition with every list in another order. */
export function shuffled(definition: Snapshot): fc.Arbitrary<Snapshot> {
  return fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })).map((stream) => {
    const mix = (value: unknown): unknown => {
      if (Array.isArray(value))
        return value
          .map((each) => [stream.next().value, mix(each)] as const)
          .sort(([a], [b]) => a - b)
          .map(([, each]) => each)
      if (typeof value !== 'object' || value === null) return value
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([name, member]) => [name, mix(member)]),
      )
    }
    return mix(definition) as Snapshot
  })
}
