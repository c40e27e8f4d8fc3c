import type { Fields, Json } from '../../src/core/resource.ts'
import type { SecretReference } from '../../src/reconcile/resource-type.ts'
import type { WrittenContext } from './context-schema.ts'
import { readMarker } from './marker.ts'
import type { ContextFacts, Parameter, ParameterContext } from './resource.ts'

/** What the server says of a context. */
export interface ObservedContext {
  readonly name: string
  /** The marker included. */
  readonly description: string
  /** Names, in their order. */
  readonly inherits: readonly string[]
  /** Its own, not the inherited ones. */
  readonly parameters: readonly Parameter[]
  /** Of sensitive ones: name → what stands for a value that nobody can read. */
  readonly fingerprints: ReadonlyMap<string, Json>
  readonly spelledBy: string
}

/** Written → desired. Where a Secret is named, its fingerprint takes the place of the name later. */
export function normalizeContext(name: string, written: WrittenContext): ParameterContext {
  const parameters = Object.entries(written.parameters ?? {}).map(
    ([parameter, { value, secret, description }]): Parameter => {
      const said = { name: parameter, description: description === '' ? undefined : description, value }
      return secret === undefined ? said : { ...said, secret }
    },
  )
  const fields = fieldsOf(written.description, written.inherits, parameters, ({ secret }) => ({
    secret: `${secret?.name ?? ''}/${secret?.key ?? ''}`,
  }))
  return { type: 'parameter-contexts', name, fields, baseline: true, parameters: byName(parameters) }
}

/** The server's → observed. */
export function observedContext(context: ObservedContext, facts: ContextFacts): ParameterContext {
  const { name, inherits, parameters, fingerprints, spelledBy } = context
  const { text } = readMarker(context.description)
  const fields = fieldsOf(
    text,
    inherits,
    parameters,
    (each) => fingerprints.get(each.name) ?? { secret: 'unknown' },
  )
  return {
    type: 'parameter-contexts',
    name,
    id: facts.contextId,
    fields,
    explicit: new Set(fields.keys()),
    spelledBy,
    parameters: byName(parameters),
    facts,
    ...(facts.marked && { marked: true }),
  }
}

function fieldsOf(
  description: string | undefined,
  inherits: readonly string[] | undefined,
  parameters: readonly Parameter[],
  standIn: (parameter: Parameter) => Json,
): Fields {
  const fields = new Map<string, Json>([
    ['description', description ?? ''],
    ['inherits', inherits ?? []],
  ])
  for (const parameter of parameters) {
    const { name, value } = parameter
    fields.set(parameterField(name), value === undefined ? standIn(parameter) : value)
    if (parameter.description !== undefined) fields.set(`descriptions.${name}`, parameter.description)
  }
  return fields
}

function parameterField(name: string): string {
  return `parameters.${name}`
}

function byName(parameters: readonly Parameter[]): ReadonlyMap<string, Parameter> {
  return new Map(parameters.map((each) => [each.name, each]))
}

/** The fields whose values are kept in Secrets. */
export function secretsOf({ parameters }: ParameterContext): readonly SecretReference[] {
  return [...parameters.values()].flatMap(({ name, secret }) =>
    secret === undefined ? [] : [{ path: parameterField(name), secret }],
  )
}
