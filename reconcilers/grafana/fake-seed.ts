import { toJsonObject } from '../../src/core/json.ts'
import { filled, modelOf } from './fake-conversion.ts'
import { person } from './fake-identity.ts'
import { fresh, keep } from './fake-object-store.ts'
import { givenRule, keptRule } from './fake-rule-body.ts'
import { keepRule, newRule } from './fake-rule-store.ts'
import type { FakeState, StoredDatasource, StoredObject, StoredRule } from './fake-state.ts'

type Members = Readonly<Record<string, unknown>>

interface SeededObject {
  /** '': at the top. */
  readonly folder?: string
  readonly manager?: { readonly kind: string; readonly id: string }
  /** Further ones: `grafana.app/sourcePath` … */
  readonly annotations?: Readonly<Record<string, string>>
}

export interface SeededFolder extends SeededObject {
  readonly title?: string
  readonly description?: string
}

export interface SeededDashboard extends SeededObject {
  readonly spec?: Members
  /** Default: `v0alpha1`. */
  readonly version?: string
  /** From files on Grafana's disk, and locked. */
  readonly provisioned?: boolean
}

export interface SeededDatasource {
  /** As the API has it: `name`, `type`, `url` … */
  readonly members?: Members
  readonly secure?: Readonly<Record<string, string>>
  readonly readOnly?: boolean
}

export interface SeededRule {
  readonly folder: string
  readonly group?: string
  /** Seconds. */
  readonly interval?: number
  readonly provenance?: string
  /** As the API has it. */
  readonly rule?: Members
}

/** Puts in what only files, plugins and others make: nothing is asked, and nobody is told. */
export class Seed {
  readonly #state: FakeState

  constructor(state: FakeState) {
    this.#state = state
  }

  folder(uid: string, { title = uid, description, ...more }: SeededFolder = {}): StoredObject {
    const spec = { title, ...(description === undefined ? {} : { description }) }
    return this.#object('folders', uid, { ...more, spec, storedVersion: 'v1beta1' })
  }

  dashboard(uid: string, { spec = {}, version = 'v0alpha1', ...more }: SeededDashboard = {}): StoredObject {
    const whole = { title: uid, ...spec }
    const kept = modelOf(version) === 'v2' ? filled(toJsonObject(whole)) : { schemaVersion: 41, ...whole }
    return this.#object('dashboards', uid, { ...more, spec: kept, storedVersion: version })
  }

  #object(
    resource: StoredObject['resource'],
    name: string,
    seeded: SeededObject & {
      readonly spec: Members
      readonly storedVersion: string
      readonly provisioned?: boolean
    },
  ): StoredObject {
    const { folder = '', manager, annotations = {}, storedVersion } = seeded
    const managed =
      manager === undefined
        ? {}
        : { 'grafana.app/managedBy': manager.kind, 'grafana.app/managerId': manager.id }
    const draft = {
      ...{ name, folder, labels: {}, annotations: { ...annotations, ...managed }, storedVersion },
      spec: toJsonObject(seeded.spec),
    }
    const object = fresh(this.#state, resource, draft, person('somebody'))
    const whole = seeded.provisioned === true ? { ...object, provisioned: true } : object
    keep(this.#state, whole)
    return whole
  }

  datasource(
    uid: string,
    { members = {}, secure = {}, readOnly = false }: SeededDatasource = {},
  ): StoredDatasource {
    const datasource: StoredDatasource = {
      ...{ id: this.#state.newId(), uid, version: 1, readOnly, secure },
      members: toJsonObject({
        ...{ name: uid, type: 'prometheus', access: 'proxy', url: 'http://prometheus:9090', user: '' },
        ...{ database: '', basicAuth: false, basicAuthUser: '', withCredentials: false, isDefault: false },
        ...{ jsonData: {}, apiVersion: '', ...members },
      }),
    }
    this.#state.data.datasources.set(uid, datasource)
    return datasource
  }

  rule(
    uid: string,
    { folder, group = 'group', interval = 60, provenance = '', rule = {} }: SeededRule,
  ): StoredRule {
    const members = keptRule(
      givenRule({
        ...{ title: uid, condition: 'A', noDataState: 'NoData', execErrState: 'Error', for: '1m' },
        data: [
          {
            ...{ refId: 'A', datasourceUid: 'prometheus', relativeTimeRange: { from: 600, to: 0 } },
            model: { refId: 'A', expr: 'up == 0' },
          },
        ],
        ...rule,
      }),
    )
    const place = { folderUID: folder, ruleGroup: group, interval, index: 1, members, provenance }
    const stored = newRule(this.#state, uid, place, person('somebody'))
    keepRule(this.#state, stored)
    return stored
  }

  /** docs: developers/http_api/library_element */
  libraryPanel(
    uid: string,
    {
      name = uid,
      folder = '',
      model = {},
    }: { readonly name?: string; readonly folder?: string; readonly model?: Members } = {},
  ): void {
    this.#state.data.libraryElements.set(
      uid,
      toJsonObject({
        ...{ id: this.#state.newId(), orgId: 1, folderUid: folder, uid, name, kind: 1, type: 'text' },
        ...{ description: '', model, version: 1, meta: { folderName: '', folderUid: folder } },
      }),
    )
  }
}
