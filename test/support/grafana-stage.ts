import assert from 'node:assert/strict'
import { it } from 'node:test'
import { GrafanaClient } from '../../reconcilers/grafana/client/grafana-client.ts'
import { AxiosWire } from '../../reconcilers/grafana/client/axios-wire.ts'
import type { Wire, WireRequest } from '../../reconcilers/grafana/client/wire.ts'
import { FakeGrafana, type FakeOptions, type GrafanaProfile } from '../../reconcilers/grafana/fake.ts'
import { GrafanaReconciler } from '../../reconcilers/grafana/reconciler.ts'
import { type GrafanaResource, type GrafanaType } from '../../reconcilers/grafana/resource.ts'
import { type JsonObject, own, ownObject, withMembers } from '../../src/core/json.ts'
import { listAt, textAt } from '../../src/core/members.ts'
import { readConfigMap } from '../../src/kube/objects.ts'
import { readWritten } from '../../src/kube/written.ts'
import type { Controls } from '../../src/reconcile/written.ts'
import { profileOf } from '../contract/grafana-talk.ts'
import { Desk } from './desk.ts'
import {
  type AskGrafana,
  GrafanaDesk,
  editDashboard,
  noProvenance,
  readDashboard,
} from './grafana-bystander.ts'
import { noGrafana, realGrafana } from './grafana.ts'

type Texts = Readonly<Record<string, string>>
type Entries = Readonly<Record<string, unknown>>

/** What of a document can be called: its type, or a name of its own. */
interface DocumentAs extends Partial<Controls> {
  readonly name?: string
}

/** Every uid that a test makes begins so: what else a real Grafana has is left alone. */
export const mark = 'edge-'

/** Uids that the tests call their things by. */
export const kafka = `${mark}kafka`
export const alerts = `${mark}alerts`
export const overview = `${mark}overview`
export const users = `${mark}users`
export const metrics = `${mark}metrics`
export const logs = `${mark}logs`
export const lag = `${mark}lag`
export const silent = `${mark}silent`

/** The whole reconciler of Grafana at a desk, a Grafana, and a person at its pages. What the reconciler asks of it is counted. */
export class GrafanaStage {
  readonly desk: Desk<GrafanaResource>
  readonly profile: GrafanaProfile
  readonly ask: AskGrafana
  readonly person: GrafanaDesk
  readonly requests: WireRequest[] = []

  constructor(profile: GrafanaProfile, ask: AskGrafana, wire: () => Wire) {
    this.profile = profile
    this.ask = ask
    this.person = new GrafanaDesk(ask)
    this.desk = new Desk<GrafanaResource>(
      new GrafanaReconciler(),
      () =>
        new GrafanaClient(this.#recorded(wire()), {
          now: () => Date.now() + this.desk.elapsed,
        }),
    )
  }

  /** Whether folders and dashboards have an API that tells more than the older one. */
  get isNewer(): boolean {
    return this.profile !== 'api-only'
  }

  #recorded(wire: Wire): Wire {
    return {
      send: async (request, signal) => {
        this.requests.push(request)
        return wire.send(request, signal)
      },
      close: async () => wire.close(),
    }
  }

  /** What was asked that changes something, since the last `forget`: `PUT /api/…`. A dry run changes nothing. */
  writes(): readonly string[] {
    return this.requests
      .filter(({ method, query }) => method !== 'GET' && query?.['dryRun'] === undefined)
      .map(({ method, path }) => `${method} ${path}`)
  }

  /** What was asked of paths that end so, since the last `forget`. */
  reads(path: RegExp): number {
    return this.requests.filter((each) => each.method === 'GET' && path.test(each.path)).length
  }

  forget(): void {
    this.requests.length = 0
  }

  put(type: GrafanaType, entries: Entries, { name = type, ...controls }: DocumentAs = {}): void {
    this.desk.write(name, type, entries, { controls })
  }

  /** A ConfigMap as it comes from Kubernetes, read as the reconciler reads it. */
  async configMap(
    name: string,
    data: Texts,
    { labels = {}, annotations = {}, binaryData = {} }: Readonly<Record<string, Texts>> = {},
  ): Promise<void> {
    const metadata = {
      ...{ namespace: 'team', name, uid: `uid-of-${name}`, resourceVersion: '1', annotations },
      labels: { 'infometis.component': 'grafana', ...labels },
    }
    const read = readConfigMap({ metadata, data, binaryData })
    assert.ok(read !== undefined)
    const { types } = new GrafanaReconciler()
    this.desk.documents.set(`team/${name}`, readWritten(read, new Map(), types))
    await this.desk.restart()
  }

  /** Passes over these documents until none asks for another; all are done. */
  async settle(...names: readonly string[]): Promise<void> {
    for (const name of names.length === 0 ? this.#documents() : names) {
      assert.deepEqual(await this.desk.converge(name), { kind: 'done' }, this.said(name))
      assert.equal(this.desk.state(name).ready, 'True', this.said(name))
    }
  }

  /** Passes until none asks for another: how it ends, and `name: state reason` of what is not ready. */
  async outcome(name: string): Promise<readonly [string, ...string[]]> {
    const { kind } = await this.desk.converge(name)
    return [kind, ...this.desk.unready(name).toSorted()]
  }

  /** One more pass over each document writes nothing, and keeps nothing. */
  async rests(): Promise<void> {
    const { saves, originals } = this.desk
    const kept = originals.length
    this.forget()
    for (const name of this.#documents()) await this.desk.converge(name)
    assert.deepEqual(this.writes(), [])
    assert.equal(originals.length, kept, 'nothing is kept where nothing is overwritten')
    assert.ok(this.desk.saves - saves <= this.#documents().length, 'an edition may be seen only now')
  }

  /** All sentences of a document's status. */
  said(name: string): string {
    const { message, resources } = this.desk.state(name)
    return [message, ...resources.map((each) => `${each.name}: ${each.message}`)].join('\n')
  }

  #documents(): readonly string[] {
    return [...this.desk.documents.values()].map(({ name }) => name)
  }

  /** A dashboard as it is kept, and where; undefined: there is none. */
  async dashboard(
    uid: string,
  ): Promise<{ readonly spec: JsonObject; readonly folder: string; readonly id: string } | undefined> {
    const found = await readDashboard(this.person, uid)
    if (found === undefined) return undefined
    const { object, spec, folder } = found
    const id = object === undefined ? JSON.stringify(spec['id']) : textAt(object, 'metadata', 'uid')
    return { spec, folder, id }
  }

  /** Of a dashboard; undefined: there is none. */
  async title(uid: string): Promise<unknown> {
    return own((await this.dashboard(uid))?.spec, 'title')
  }

  async panels(uid: string): Promise<readonly unknown[]> {
    return listAt((await this.dashboard(uid))?.spec, 'panels').map((each) => own(each, 'title'))
  }

  async edit(uid: string, members: JsonObject): Promise<void> {
    await editDashboard(this.ask, uid, members)
  }

  /** A person puts it into another folder; '': to the top. */
  async move(uid: string, folderUid: string): Promise<void> {
    if (!this.isNewer) {
      const dashboard = ownObject(await this.person.get(`/api/dashboards/uid/${uid}`), 'dashboard')
      await this.person.write('POST', '/api/dashboards/db', { dashboard, folderUid })
      return
    }
    const object = (await this.person.get(this.objectPath('dashboards', uid))) ?? {}
    const metadata = ownObject(object, 'metadata')
    const annotations = { ...ownObject(metadata, 'annotations'), 'grafana.app/folder': folderUid }
    await this.person.write('PUT', this.objectPath('dashboards', uid), {
      ...object,
      metadata: { ...metadata, annotations },
    })
  }

  /** How often a dashboard was saved since it was made. */
  async saves(uid: string): Promise<number> {
    const { body } = await this.ask('GET', `/api/dashboards/uid/${uid}/versions?limit=100`)
    return Array.isArray(body) ? body.length : listAt(body, 'versions').length
  }

  async folder(uid: string): Promise<JsonObject | undefined> {
    return this.person.get(`/api/folders/${uid}`)
  }

  async rename(uid: string, title: string): Promise<void> {
    const { version } = (await this.folder(uid)) ?? {}
    await this.person.write('PUT', `/api/folders/${uid}`, { title, version })
  }

  async datasource(uid: string): Promise<JsonObject | undefined> {
    return this.person.get(`/api/datasources/uid/${uid}`)
  }

  async saveDatasource(uid: string, members: JsonObject): Promise<void> {
    const path = `/api/datasources/uid/${uid}`
    await this.person.write('PUT', path, withMembers((await this.person.get(path)) ?? {}, members))
  }

  async rule(uid: string): Promise<JsonObject | undefined> {
    return this.person.get(rulePath(uid))
  }

  async saveRule(uid: string, members: JsonObject): Promise<void> {
    const body = withMembers((await this.rule(uid)) ?? {}, members)
    await this.person.write('PUT', rulePath(uid), body, noProvenance)
  }

  objectPath(resource: 'folders' | 'dashboards', uid = ''): string {
    const version = resource === 'folders' ? 'v1beta1' : 'v0alpha1'
    const group = `${resource.slice(0, -1)}.grafana.app`
    return `/apis/${group}/${version}/namespaces/default/${resource}${uid === '' ? '' : `/${uid}`}`
  }

  /** Takes away whatever bears the mark: rules, dashboards, datasources, folders from the outermost. */
  async clear(): Promise<void> {
    const marked = (list: readonly unknown[]) =>
      list.map((each) => textAt(each, 'uid')).filter((uid) => uid.startsWith(mark))
    for (const uid of marked(await this.person.list('/api/v1/provisioning/alert-rules')))
      await this.ask('DELETE', rulePath(uid), undefined, noProvenance)
    for (const uid of marked(await this.person.list('/api/search?type=dash-db&limit=5000')))
      await this.person.remove(
        this.isNewer ? this.objectPath('dashboards', uid) : `/api/dashboards/uid/${uid}`,
      )
    for (const uid of marked(await this.person.list('/api/datasources')))
      await this.person.remove(`/api/datasources/uid/${uid}`)
    for (const uid of marked(await this.person.list('/api/folders')))
      await this.person.remove(`/api/folders/${uid}?forceDeleteRules=true`)
  }
}

function rulePath(uid: string): string {
  return `/api/v1/provisioning/alert-rules/${uid}`
}

/** A stage with a Grafana in memory, whose other end the test holds. */
export class FakeStage extends GrafanaStage {
  readonly grafana: FakeGrafana

  constructor(options: FakeOptions = {}) {
    const grafana = new FakeGrafana(options)
    super(
      grafana.profile,
      async (method, path, body, headers) => grafana.ask(method, path, body, headers),
      () => grafana.wire(),
    )
    this.grafana = grafana
  }
}

const real = await realGrafana()

async function withReal(run: (stage: GrafanaStage) => Promise<void>): Promise<void> {
  if (real === undefined) throw new Error(noGrafana)
  const profile = profileOf((await real.ask('GET', '/api/health')).body)
  const stage = new GrafanaStage(profile, real.ask, () => new AxiosWire(real.settings))
  await stage.clear()
  try {
    await run(stage)
  } finally {
    await stage.desk.close()
    await stage.clear()
  }
}

/** The releases whose APIs differ most. */
export const allProfiles: readonly GrafanaProfile[] = ['api-only', '12.4', '13.3']
export const newerProfiles: readonly GrafanaProfile[] = ['12.4', '13.3']

/** What can be had of any Grafana has one result on all: on the simulated API of some releases, and on a real one where there is one. */
export function onEach(
  sentence: string,
  run: (stage: GrafanaStage) => Promise<void>,
  profiles: readonly GrafanaProfile[] = allProfiles,
): void {
  for (const profile of profiles)
    void it(`${sentence} (fake ${profile})`, { timeout: 60_000 }, async () => run(new FakeStage({ profile })))
  if (real !== undefined)
    void it(`${sentence} (real)`, { timeout: 120_000 }, async (context) =>
      withReal(async (stage) => {
        if (profiles.includes(stage.profile) || profiles === allProfiles) return run(stage)
        context.skip(`Grafana ${stage.profile} is not meant`)
      }),
    )
}

/** What only the simulated API lets happen. */
export function simulated(
  sentence: string,
  run: (stage: FakeStage) => Promise<void>,
  options: FakeOptions = {},
): void {
  const name = `${sentence} (simulated ${options.profile ?? '13.3'})`
  void it(name, { timeout: 60_000 }, async () => run(new FakeStage(options)))
}

/** Says once for a file why a real Grafana had no part in it. */
export function tellWithoutReal(): void {
  if (real === undefined) void it(`the same on a real Grafana (skipped: ${noGrafana})`, { skip: noGrafana })
}

/** A dashboard as people export it. */
export function board(title: string, ...panels: readonly JsonObject[]): JsonObject {
  return { title, schemaVersion: 39, tags: [], panels }
}

export function panel(id: number, title: string, more: JsonObject = {}): JsonObject {
  return {
    ...{ id, title, type: 'text', gridPos: { h: 8, w: 12, x: 0, y: 0 }, options: { content: title } },
    ...more,
  }
}

/** An alert rule that needs no datasource. */
export function alert(
  title: string,
  { rule = {}, ...entry }: Readonly<Record<string, JsonObject | string>> = {},
) {
  return {
    ...{ folder: alerts, group: 'health', interval: '1m', ...entry },
    rule: {
      ...{ title, condition: 'B', for: '5m', labels: { severity: 'warning' } },
      data: [
        {
          ...{ refId: 'A', relativeTimeRange: { from: 600, to: 0 }, datasourceUid: '__expr__' },
          model: { refId: 'A', type: 'math', expression: '1' },
        },
        {
          ...{ refId: 'B', datasourceUid: '__expr__' },
          model: { refId: 'B', type: 'threshold', expression: 'A', conditions: [] },
        },
      ],
      ...(rule as JsonObject),
    },
  }
}

/** Where nothing listens. */
export const nowhere = 'http://127.0.0.1:9'
