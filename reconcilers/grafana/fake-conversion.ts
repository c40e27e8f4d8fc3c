import { type JsonObject, own, toJsonObject, withMembers, without } from '../../src/core/json.ts'
import { listAt, textAt } from '../../src/core/members.ts'
import type { Members } from './fake-call.ts'
import type { StoredObject } from './fake-state.ts'

/** apps/dashboard/pkg/migration/schemaversion/migrations.go: the newest schema, and the oldest from which there is a way. */
const latest = 42
const oldest = 0

export type Model = 'classic' | 'v2'

export function modelOf(version: string): Model {
  return version.startsWith('v2') ? 'v2' : 'classic'
}

/** A classic dashboard in the newest schema, or why it cannot be brought there: schemaversion/errors.go. */
export function migrated(spec: JsonObject): JsonObject | string {
  const version = own(spec, 'schemaVersion')
  const from = typeof version === 'number' ? version : 0
  if (from < oldest)
    return `dashboard schema version ${from} cannot be migrated to latest version ${latest} - migration path only exists for versions greater than ${oldest}`
  const panels = [...panelsOf(spec), ...listAt(spec, 'rows').flatMap(panelsOf)].map((panel) =>
    withDatasource(panel, from),
  )
  const whole = withMembers(without(spec, new Set(['rows'])), { schemaVersion: latest })
  return Object.hasOwn(spec, 'panels') || Object.hasOwn(spec, 'rows') ? withMembers(whole, { panels }) : whole
}

function panelsOf(value: unknown): readonly JsonObject[] {
  return listAt(value, 'panels').map(toJsonObject)
}

/** Since schema 33 a datasource is a reference; what is still a name becomes one. */
function withDatasource(panel: JsonObject, from: number): JsonObject {
  const named = textAt(panel, 'datasource')
  return from < 33 && named !== '' ? withMembers(panel, { datasource: { uid: named } }) : panel
}

interface Read {
  readonly spec: JsonObject
  readonly status: Members
}

/** A dashboard as it is read at a version: apps/dashboard/pkg/migration/conversion. */
export function readAt({ spec, storedVersion }: StoredObject, version: string): Read {
  if (storedVersion === version) return { spec, status: {} }
  const found = converted(spec, storedVersion, version)
  const failure = typeof found === 'string' ? { failed: true, error: found } : { failed: false }
  return {
    spec: typeof found === 'string' ? spec : found,
    status: { conversion: { ...failure, storedVersion } },
  }
}

function converted(spec: JsonObject, from: string, to: string): JsonObject | string {
  if (modelOf(from) === modelOf(to)) return from === 'v0alpha1' ? migrated(spec) : spec
  if (modelOf(to) === 'classic') return classicOf(spec)
  const classic = from === 'v0alpha1' ? migrated(spec) : spec
  return typeof classic === 'string' ? classic : newModelOf(classic)
}

/** Lossy: what the new model alone can say is gone. */
function classicOf(spec: JsonObject): JsonObject {
  const elements = Object.entries(toJsonObject(own(spec, 'elements')))
  return toJsonObject({
    ...{ title: own(spec, 'title'), tags: own(spec, 'tags') ?? [], schemaVersion: latest, editable: true },
    panels: elements.map(([, element], index) => ({
      ...{ id: index + 1, title: textAt(element, 'spec', 'title') },
      ...{ type: vizOf(element), gridPos: { x: 0, y: 8 * index, w: 12, h: 8 } },
    })),
  })
}

function vizOf(element: unknown): string {
  const [group, kind] = [
    textAt(element, 'spec', 'vizConfig', 'group'),
    textAt(element, 'spec', 'vizConfig', 'kind'),
  ]
  return group === '' ? kind : group
}

function newModelOf(spec: JsonObject): JsonObject {
  const panels = panelsOf(spec).map((panel, index) => {
    const id = typeof panel['id'] === 'number' ? panel['id'] : index + 1
    return [`panel-${id}`, panel] as const
  })
  return filled(
    toJsonObject({
      ...{ title: own(spec, 'title'), tags: own(spec, 'tags') ?? [] },
      elements: Object.fromEntries(
        panels.map(([name, panel]) => [
          name,
          {
            kind: 'Panel',
            spec: {
              title: textAt(panel, 'title'),
              vizConfig: { kind: 'VizConfig', group: textAt(panel, 'type') },
            },
          },
        ]),
      ),
      layout: {
        kind: 'GridLayout',
        spec: {
          items: panels.map(([name]) => ({
            kind: 'GridLayoutItem',
            spec: { element: { kind: 'ElementReference', name } },
          })),
        },
      },
    }),
  )
}

/** apps/dashboard/pkg/apis/dashboard/v2alpha1/dashboard_spec_gen.go: what the struct has, and what stands there always. */
const alwaysThere: JsonObject = {
  ...{ annotations: [], cursorSync: 'Off', elements: {}, links: [], preload: false, tags: [] },
  ...{ variables: [], layout: { kind: 'GridLayout', spec: {} } },
  timeSettings: {
    ...{ timezone: 'browser', from: 'now-6h', to: 'now', autoRefresh: '', hideTimepicker: false },
    ...{ autoRefreshIntervals: ['5s', '10s', '30s', '1m', '5m', '15m', '30m', '1h', '2h', '1d'] },
    fiscalYearStartMonth: 0,
  },
}

const membersOfNewModel = new Set([
  ...Object.keys(alwaysThere),
  ...['title', 'description', 'editable', 'liveNow', 'revision'],
])

/** A dashboard in the new model as it is kept: a Go struct, so that other members are dropped and some are filled in. */
export function filled(spec: JsonObject): JsonObject {
  const known = Object.entries(spec).filter(([name]) => membersOfNewModel.has(name))
  const whole = withMembers(alwaysThere, Object.fromEntries(known))
  const time = own(spec, 'timeSettings')
  const settings = toJsonObject(alwaysThere['timeSettings'])
  return time !== undefined
    ? withMembers(whole, { timeSettings: withMembers(settings, toJsonObject(time)) })
    : whole
}
