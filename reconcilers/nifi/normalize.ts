import type { Json } from '../../src/core/resource.ts'
import type { ContextFacts, Flow, FlowFacts, Parameter, ParameterContext, Snapshot } from './resource.ts'
import type { WrittenContext, WrittenFlow } from './schema.ts'

/** What is known of a live flow besides its definition. */
export interface ObservedGroup {
  /** The entry's key. */
  readonly name: string
  /** The group's name on the canvas. */
  readonly groupName: string
  /** As written: `root`, `root/Team A`. `parentPath(names)` makes it. */
  readonly parent: string
  /** Of the group, the marker included. */
  readonly comments: string
  /** Group path → name of the context bound to it; groups without one are absent. */
  readonly contexts: ReadonlyMap<string, string>
  /** NiFi's version. */
  readonly spelledBy: string
}

/** Names of groups from the root downwards → `root/Team A/Ingest`; a slash in a name is written `~1`, a tilde `~0`. */
export function parentPath(names: readonly string[]): string {
  void names
  return 'root'
}

/** Written → desired. */
export function normalizeFlow(name: string, written: WrittenFlow): Flow {
  void written
  throw new Error(name)
}

/** The server's → observed. `desired`: what is wished of it, where that is known: run state and layout are told in its words. */
export function observedFlow(
  group: ObservedGroup,
  download: Snapshot,
  facts: FlowFacts,
  desired?: Flow,
): Flow {
  void download
  void facts
  void desired
  throw new Error(group.name)
}

export function toWrittenFlow(observed: Flow): WrittenFlow | undefined {
  void observed
  return undefined
}

/** Written → desired. */
export function normalizeContext(name: string, written: WrittenContext): ParameterContext {
  void written
  throw new Error(name)
}

/** What the server says of a context. */
export interface ObservedContext {
  readonly name: string
  /** The marker included. */
  readonly description: string
  /** Names, in their order. */
  readonly inherits: readonly string[]
  /** Its own, not the inherited ones. */
  readonly parameters: readonly Parameter[]
  /** Name → what stands for a sensitive value that is believed to be still ours (`{secret: …}`). Others read as `{secret: "unknown"}`. */
  readonly fingerprints: ReadonlyMap<string, Json>
  readonly spelledBy: string
}

export function observedContext(context: ObservedContext, facts: ContextFacts): ParameterContext {
  void facts
  throw new Error(context.name)
}

export function toWrittenContext(observed: ParameterContext): WrittenContext | undefined {
  void observed
  return undefined
}
