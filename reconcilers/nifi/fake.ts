import { requestTo } from '../../src/client/fake-wire.ts'
import type { Wire, WireAnswer, WireRequest } from './client/wire.ts'
import { type Round, flow } from './fake-engine.ts'
import { purgeJobs } from './fake-jobs.ts'
import { stopAll } from './fake-running.ts'
import { FakeServer } from './fake-server.ts'
import { forgetSnippets } from './fake-snippets.ts'
import type { Component, Connection, Group } from './fake-state.ts'
import { FakeWire } from './fake-wire.ts'

export type { Round } from './fake-engine.ts'

/** A NiFi 2.3.0 in memory, for tests: client code runs on its wire, and the test holds the other end. */
export class FakeNifi extends FakeServer {
  /** A way to it. Another user is somebody else: what one asked for asynchronously the other does not see. */
  wire(user = 'infometis'): Wire {
    return new FakeWire(this, user)
  }

  /** Somebody else's request, as a person at the canvas makes it: not recorded, never struck. */
  ask(method: WireRequest['method'], path: string, body?: unknown): WireAnswer {
    return this.handle(requestTo(method, path, body), 'somebody')
  }

  get rootId(): string {
    return this.state.rootId
  }

  /** Makes FlowFiles move: by one hop a round. `flow(5)`: each running source makes five. */
  flow(round: number | Round, rounds = 1): void {
    for (let left = rounds; left > 0; left -= 1) {
      flow(this.state, typeof round === 'number' ? { make: round } : round)
    }
  }

  /** FlowFiles that sources made and that were copied for further connections, less those that ended and those that wait: 0, or some are lost. */
  lost(): number {
    return total(this.state.made) - total(this.state.ended) - this.queued()
  }

  /** FlowFiles that wait: in a connection (by name of its source and destination), or in all. */
  queued(from?: string, to?: string): number {
    const named = (id: string, name: string | undefined): boolean =>
      name === undefined || this.state.component(id)?.members['name'] === name
    return [...this.state.connections.values()]
      .filter(({ source, destination }) => named(source.id, from) && named(destination.id, to))
      .reduce((sum, { flowFiles }) => sum + flowFiles, 0)
  }

  /** FlowFiles that ended in a component of this name. */
  ended(name: string): number {
    return this.state.ended.get(this.component(name).id) ?? 0
  }

  /** Puts FlowFiles into the connections between two components, as if somebody had made them. */
  fill(from: string, to: string, flowFiles: number): void {
    const connection = this.connection(from, to)
    connection.flowFiles += flowFiles
    connection.bytes += flowFiles * 10
    this.state.made.set('filled', (this.state.made.get('filled') ?? 0) + flowFiles)
  }

  /** NiFi is killed and started again: the flow is there, what was in memory only is gone. What ran runs. */
  restart(): void {
    const { state } = this
    state.jobs.clear()
    state.bulletins.length = 0
    forgetSnippets(state)
    const parts = [...state.components.values(), ...state.connections.values(), ...state.groups.values()]
    for (const part of [...parts, ...state.contexts.values()]) part.revision = { version: 0 }
  }

  /** A minute later: NiFi forgets asynchronous requests that are complete. */
  purge(): void {
    purgeJobs(this.state)
  }

  /** A processor with a thread that does not end: what waits for it waits. */
  hold(name: string): void {
    this.state.stubborn.add(this.component(name).id)
  }

  release(name: string): void {
    this.state.stubborn.delete(this.component(name).id)
  }

  /** The next looks find it being validated. */
  validating(name: string, looks: number): void {
    this.state.validating.set(this.component(name).id, looks)
  }

  /** A service that never finishes its start. */
  delay(name: string): void {
    this.state.slowServices.add(this.component(name).id)
  }

  /** Somebody stops it by hand. */
  stop(name: string): void {
    stopAll([this.component(name)], { version: 0, clientId: 'somebody' })
  }

  /** Somebody puts a group under version control. */
  putUnderVersionControl(name: string): void {
    this.group(name).versionControl = {
      ...{ registryId: 'registry-1', registryName: 'registry', bucketId: 'bucket-1', bucketName: 'bucket' },
      ...{
        flowId: 'flow-1',
        flowName: name,
        version: '3',
        state: 'UP_TO_DATE',
        storageLocation: 'bucket/flow',
      },
    }
  }

  bulletin(name: string, message: string, level = 'ERROR'): void {
    const { id: sourceId, groupId } = this.component(name)
    const id = this.state.bulletins.length
    this.state.bulletins.push({ id, groupId, sourceId, sourceName: name, level, message })
  }

  /** The only group of this name, as NiFi keeps it: a test may do anything with it. */
  group(name: string): Group {
    return only([...this.state.groups.values()], name)
  }

  component(name: string): Component {
    return only([...this.state.components.values()], name)
  }

  connection(from: string, to: string): Connection {
    const [source, destination] = [this.component(from).id, this.component(to).id]
    const found = [...this.state.connections.values()].find(
      (each) => each.source.id === source && each.destination.id === destination,
    )
    if (found === undefined) throw new Error(`the fake has no connection from ${from} to ${to}`)
    return found
  }
}

function only<T extends Group | Component>(parts: readonly T[], name: string): T {
  const [found, more] = parts.filter(({ members }) => members['name'] === name)
  if (found === undefined || more !== undefined)
    throw new Error(`the fake has ${found === undefined ? 'nothing' : 'more than one thing'} called ${name}`)
  return found
}

function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, each) => sum + each, 0)
}
