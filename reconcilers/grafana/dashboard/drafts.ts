import { isMap } from '../../../src/core/canonical.ts'
import { objectOf, own, without } from '../../../src/core/json.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import { textAt } from '../../../src/core/members.ts'
import { quote } from '../../../src/core/quote.ts'
import type { Json } from '../../../src/core/resource.ts'
import { isEmpty, lean } from './lean.ts'

/** A part of a dashboard before it has a path of its own. */
export interface Draft {
  /** Its id or name; `#3`: it has none, and is the third. */
  readonly name: string
  readonly raw: Json
  readonly value?: Json
  readonly title?: string
}

const longestTitle = 60

/** What Grafana writes anew by itself, and a row's panels, which are told one by one. */
const notOfPanel = new Set(['pluginVersion', 'panels', 'libraryPanel'])
const nested = new Set(['panels'])

/** What whoever looks at a dashboard chose last, and what the query gave then. */
const notOfVariable = new Set(['current', 'options'])

export function panelOf(panel: Json, index: number): Draft {
  if (!isMap(panel)) return { name: `#${index + 1}`, raw: panel, value: panel }
  const name = nameOf(panel['id'], index)
  const kind = panel['type'] === 'row' ? 'row' : 'panel'
  return {
    name,
    raw: without(panel, nested),
    value: lean(objectOf([...Object.entries(without(panel, notOfPanel)), ...contained(panel)])),
    title: titleOf(kind, textAt(panel, 'title'), `${name} ${textAt(panel, 'type')}`.trim()),
  }
}

/** A row as Grafana had them before its version 5. */
export function rowOf(row: Json, index: number): Draft {
  const name = String(index + 1)
  if (!isMap(row)) return { name, raw: row, value: row }
  const value = lean(objectOf([...Object.entries(without(row, nested)), ...contained(row)]))
  return { name, raw: without(row, nested), value, title: titleOf('row', textAt(row, 'title'), name) }
}

/** A row has the ids of its panels in their place, and of a library panel there is only which one it is. */
function* contained(panel: JsonObject): Iterable<readonly [string, Json]> {
  const panels = panel['panels']
  if (Array.isArray(panels) && panels.length > 0)
    yield ['panels', panels.map((each) => (own(each, 'id') ?? null) as Json)]
  const library = panel['libraryPanel']
  if (isMap(library))
    yield [
      'libraryPanel',
      objectOf(Object.entries(library).filter(([name]) => name === 'uid' || name === 'name')),
    ]
}

export function variableOf(variable: Json, index: number): Draft {
  return listed('variable', variable, index, notOfVariable)
}

/** The built-in one is in every dashboard: it is not compared. */
export function annotationOf(annotation: Json, index: number): Draft {
  const { value, ...draft } = listed('annotation', annotation, index, new Set())
  const builtIn = own(annotation, 'builtIn') ?? own(own(annotation, 'spec'), 'builtIn')
  return builtIn === 1 || builtIn === true || value === undefined ? draft : { ...draft, value }
}

/** What it is called stands in `spec` in version 2. */
function listed(kind: string, raw: Json, index: number, notCompared: ReadonlySet<string>): Draft {
  if (!isMap(raw)) return { name: `#${index + 1}`, raw, value: raw }
  const spec = raw['spec']
  const isV2 = isMap(spec)
  const name = nameOf(isV2 ? spec['name'] : raw['name'], index)
  const value = isV2
    ? objectOf([...Object.entries(raw), ['spec', without(spec, notCompared)]])
    : without(raw, notCompared)
  return { name, raw, value: lean(value), title: `${kind} ${quote(name, longestTitle)}` }
}

export function elementOf(name: string, raw: Json): Draft {
  const title = titleOf('panel', textAt(own(raw, 'spec'), 'title'), name)
  return { name, raw, value: lean(unversioned(raw)), title }
}

/** Without the version of the panel's plugin, which the newest one writes anew. */
function unversioned(element: Json): Json {
  const spec = own(element, 'spec') as Json | undefined
  const config = own(spec, 'vizConfig') as Json | undefined
  if (!isMap(element) || !isMap(spec) || !isMap(config)) return element
  const settings = config['spec']
  const shown = objectOf([
    ...Object.entries(without(config, new Set(['version']))),
    ...(isMap(settings) ? [['spec', without(settings, new Set(['pluginVersion']))] as const] : []),
  ])
  return objectOf([
    ...Object.entries(element),
    ['spec', objectOf([...Object.entries(spec), ['vizConfig', shown]])],
  ])
}

function nameOf(id: unknown, index: number): string {
  return typeof id === 'number' || (typeof id === 'string' && id !== '') ? String(id) : `#${index + 1}`
}

function titleOf(kind: string, title: string, otherwise: string): string {
  return title.trim() === '' ? `${kind} ${otherwise}` : `${kind} ${quote(title.trim(), longestTitle)}`
}

/** What is empty at a dashboard's root means the same as nothing. */
export function memberOf(name: string, raw: Json): Draft {
  const value = lean(raw)
  return isEmpty(value) ? { name, raw } : { name, raw, value }
}
