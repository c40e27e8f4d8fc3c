import { nearest } from '../../../src/core/nearest.ts'
import { listed } from '../../../src/core/text.ts'
import { codeTypesOf, simpleName } from '../definition/code.ts'
import { componentsOf, groupsOf, textOf, titleOf } from '../definition/components.ts'
import type { Component } from '../definition/components.ts'
import { hasProperties, parameterUses } from '../definition/properties.ts'
import type { Flow } from '../resource.ts'
import type { Canvas, Objection } from './canvas.ts'
import { type Types, coordinate } from './catalogue.ts'

/** What the server says, as far as one of the flows needs it. */
export interface Ground {
  readonly types: Types
  /** Parameters by context, the inherited ones included. A context that is not there yet is waited for elsewhere. */
  readonly parameters: ReadonlyMap<string, ReadonlySet<string>>
  /** Undefined: all stand right below the root. */
  readonly canvas: Canvas | undefined
  readonly allowedCode: ReadonlySet<string>
}

/** What NiFi would refuse of a flow, or what it would take and then not run. The first that is found, for each kind in one sentence. */
export async function preflight(flow: Flow, ground: Ground): Promise<Objection | undefined> {
  return (
    missingBundle(flow, ground) ??
    forbiddenCode(flow, ground) ??
    unresolved(flow, ground) ??
    (await ground.canvas?.objectionTo(flow.options?.parent ?? []))
  )
}

/** The types that a flow is made of. */
export function typesOf(flow: Flow): readonly string[] {
  return [...new Set(extensions(flow).map(({ json }) => textOf(json, 'type')))]
}

function extensions({ snapshot }: Flow): readonly Component[] {
  return [...componentsOf(snapshot).values()].filter(hasProperties)
}

/** A replace makes a component without code of what NiFi does not have, and says nothing: so it is looked at before. */
function missingBundle(flow: Flow, { types }: Ground): Objection | undefined {
  const missing = extensions(flow).flatMap((component) => {
    const problem = bundleProblem(component, types)
    return problem === undefined ? [] : [`${titleOf(component)}: ${problem}`]
  })
  return objection('MissingBundle', missing)
}

/** As NiFi chooses: exactly the bundle that is named, else the only one that has the type. */
function bundleProblem({ json }: Component, types: Types): string | undefined {
  const type = textOf(json, 'type')
  const bundles = types.get(type) ?? []
  const wanted = coordinate(json['bundle'])
  if (bundles.length === 1 || bundles.some(({ bundle }) => bundle === wanted)) return undefined
  if (bundles.length > 1) {
    const there = listed(bundles.map(({ version }) => version).sort())
    return `this NiFi has ${type} in the versions ${there}, but not in ${wanted}`
  }
  const similar = similarType(type, types)
  const hint = similar === undefined ? '' : `; it has ${similar}`
  return `this NiFi has no ${type} (${wanted})${hint}`
}

/** By simple name: the packages are mostly the same. */
function similarType(type: string, types: Types): string | undefined {
  const known = [...types.keys()]
  const name = nearest(simpleName(type), known.map(simpleName))
  return known.find((each) => simpleName(each) === name)
}

function forbiddenCode(flow: Flow, { types, allowedCode }: Ground): Objection | undefined {
  if (allowedCode.has('*')) return undefined
  const saidByNifi = typesOf(flow).filter((type) => types.get(type)?.some(({ runsCode }) => runsCode))
  const runs = [...new Set([...saidByNifi, ...codeTypesOf(flow.snapshot)])].sort()
  const forbidden = runs.filter((type) => !allowedCode.has(type) && !allowedCode.has(simpleName(type)))
  if (forbidden.length === 0) return undefined
  const names = listed(forbidden.map(simpleName))
  return {
    code: 'CodeNotAllowed',
    message: `${names} would run what stands in the flow: whoever may write it could do on NiFi’s machines what NiFi can`,
  }
}

/** A context of which nothing is known is still to come. */
function unresolved({ snapshot, options }: Flow, { parameters }: Ground): Objection | undefined {
  const paths = new Map(groupsOf(snapshot).map(({ identifier, path }) => [identifier, path]))
  const missing = parameterUses(snapshot).flatMap(({ component, property, parameter }) => {
    const context = options?.contexts.get(paths.get(component.groupId) ?? '/')
    const where = `${titleOf(component)}, ${JSON.stringify(property)}: #{${parameter}}`
    if (context === undefined) return [`${where} but no parameter context is bound to its group`]
    const known = parameters.get(context)
    return known === undefined || known.has(parameter) ? [] : [`${where} is not in the context ${context}`]
  })
  return objection('UnresolvedParameter', missing)
}

function objection(code: string, problems: readonly string[]): Objection | undefined {
  if (problems.length === 0) return undefined
  const [first = '', ...more] = problems
  const tail = more.length === 0 ? '' : `; and ${more.length} more: ${more.slice(0, 2).join('; ')}`
  return { code, message: `${first}${tail}` }
}
