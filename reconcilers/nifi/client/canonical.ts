import type { Canonical } from '../../../src/reconcile/service-client.ts'
import { type NifiResource, isFlow } from '../resource.ts'
import { Canvas } from './canvas.ts'
import type { Catalogue } from './catalogue.ts'
import { type LiveContext, readContexts } from './contexts/live-context.ts'
import { type Ground, preflight, typesOf } from './preflight.ts'
import type { Wire } from './wire.ts'

export interface Preflight {
  readonly wire: Wire
  readonly catalogue: Catalogue
  readonly allowedCode: ReadonlySet<string>
}

/** Desired as it is: NiFi spells it when it takes it. Flows that it would not take, or not run, are found out here. */
export async function canonical(
  { wire, catalogue, allowedCode }: Preflight,
  desired: readonly NifiResource[],
  version: string,
  signal: AbortSignal,
): Promise<readonly Canonical<NifiResource>[]> {
  const flows = desired.filter(isFlow)
  if (flows.length === 0) return desired.map((each) => ({ ok: true, desired: each }))
  const nested = flows.some(({ options }) => (options?.parent.length ?? 0) > 0)
  const bound = flows.some(({ options }) => (options?.contexts.size ?? 0) > 0)
  const [types, contexts, canvas] = await Promise.all([
    catalogue.types(flows.flatMap(typesOf), version, signal),
    bound ? readContexts(wire, signal) : { contexts: [] },
    nested ? Canvas.read(wire, signal) : undefined,
  ])
  const ground: Ground = { types, parameters: parametersOf(contexts.contexts), canvas, allowedCode }
  return Promise.all(
    desired.map(async (each): Promise<Canonical<NifiResource>> => {
      const objection = isFlow(each) ? await preflight(each, ground) : undefined
      return objection === undefined ? { ok: true, desired: each } : { ok: false, ...objection }
    }),
  )
}

/** The names of the parameters that a group sees, by the name of its context: of one that inherits what may not be read, nothing. */
function parametersOf(contexts: readonly LiveContext[]): ReadonlyMap<string, ReadonlySet<string>> {
  const byId = new Map(contexts.map((each) => [each.id, each]))
  const seen = new Map<string, ReadonlySet<string>>()
  for (const context of contexts) {
    const line = lineOf(context, byId, new Set())
    if (line === undefined) continue
    seen.set(context.name, new Set(line.flatMap(({ parameters }) => [...parameters.keys()])))
  }
  return seen
}

/** A context and all that it inherits. Undefined: not all of it can be read. */
function lineOf(
  context: LiveContext,
  byId: ReadonlyMap<string, LiveContext>,
  met: Set<string>,
): readonly LiveContext[] | undefined {
  met.add(context.id)
  const line = [context]
  for (const { id } of context.inherits) {
    if (met.has(id)) continue
    const inherited = byId.get(id)
    const more = inherited && lineOf(inherited, byId, met)
    if (more === undefined) return undefined
    line.push(...more)
  }
  return line
}
