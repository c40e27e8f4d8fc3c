import type { Json } from '../../../../src/core/resource.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import { observedContext } from '../../normalize.ts'
import type { ParameterContext } from '../../resource.ts'
import type { Sought, Tools } from '../tools.ts'
import { type LiveContext, type LiveParameter, isMarked, readContexts } from './live-context.ts'
import { type Touches, readTouches } from './touches.ts'

/** Every name there is, as far as this user may see them. */
export async function listContexts({ wire }: Tools, signal: AbortSignal): Promise<readonly string[]> {
  return (await readContexts(wire, signal)).contexts.map(({ name }) => name)
}

/** One request, and one more where some of them have sensitive parameters; more of these once anything was changed. */
export async function observeContexts(
  tools: Tools,
  names: readonly string[],
  signal: AbortSignal,
  sought: ReadonlyMap<string, Sought<ParameterContext>>,
): Promise<readonly ParameterContext[]> {
  if (names.length === 0) return []
  const { contexts, hidden } = await readContexts(tools.wire, signal)
  const byName = new Map(contexts.map((each) => [each.name, each]))
  const found = [...new Set(names)].flatMap((name) => {
    const id = sought.get(name)?.id
    if (id !== undefined && hidden.has(id)) throw unseen(name)
    return byName.get(name) ?? []
  })
  return showContexts(tools, found, signal)
}

/** Live → observed. */
export async function showContexts(
  tools: Tools,
  contexts: readonly LiveContext[],
  signal: AbortSignal,
): Promise<readonly ParameterContext[]> {
  if (contexts.length === 0) return []
  const { version } = await tools.server(signal)
  const secret = contexts.filter(({ parameters }) => [...parameters.values()].some((each) => each.sensitive))
  const touches = await readTouches(
    tools.wire,
    secret.map(({ id }) => id),
    signal,
  )
  return contexts.map((live) => shown(live, touches?.get(live.id), version))
}

function shown(live: LiveContext, touches: Touches | undefined, spelledBy: string): ParameterContext {
  const parameters = [...live.parameters.values()]
  const sensitive = parameters.filter((each) => each.sensitive)
  const context = observedContext(
    {
      name: live.name,
      description: live.description,
      inherits: live.inherits.map(({ name }) => name),
      parameters: parameters.map(({ name, description, text, ...each }) => ({
        name,
        description: description === '' ? undefined : description,
        value: each.sensitive ? undefined : text,
      })),
      fingerprints: new Map(sensitive.map((each) => [each.name, standIn(live, each, touches)])),
      spelledBy,
    },
    {
      contextId: live.id,
      revision: live.version,
      marked: isMarked(live, live.name),
      boundTo: live.boundTo.map(({ id }) => id),
      sensitive: new Set(sensitive.map(({ name }) => name)),
    },
  )
  return { ...context, permanent: inUse(live) }
}

/**
 * What stands for a value that cannot be read: another one as soon as somebody changed it. Only where the history may not be read it is
 * another one with every change of the context and with every restart of NiFi, too.
 */
function standIn(
  { id, version }: LiveContext,
  { name, hasValue }: LiveParameter,
  touches: Touches | undefined,
): Json {
  if (!hasValue) return { sensitive: 'unset' }
  if (touches === undefined) return { sensitive: `revision ${version} of ${id}` }
  const touch = touches.get(name)
  return { sensitive: touch === undefined ? `unchanged in ${id}` : `change ${touch}` }
}

/** NiFi does not remove what a running component refers to, and what a stopped one refers to makes that invalid. */
function inUse({ parameters }: LiveContext): ReadonlySet<string> {
  const used = [...parameters.values()].filter(({ users }) => users.length > 0)
  return new Set(used.map(({ name }) => `parameters.${name}`))
}

function unseen(name: string): ReconcileError {
  return new ReconcileError(
    'AuthorizationFailed',
    `parameter context "${name}" may not be read any more: grant "view the component" and "modify the component" on it`,
  )
}
