import { at, figureAt, listAt } from '../../src/core/members.ts'
import type { Document } from './desired.ts'

const panels = 12

/** A dashboard as Grafana exports one; its first panel has the value that the rows change. */
export function dashboardDefinition(name: string, value = 100): Readonly<Record<string, unknown>> {
  return {
    title: name,
    tags: ['bench'],
    schemaVersion: 41,
    editable: true,
    timezone: 'browser',
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: { list: [{ name: 'datasource', type: 'datasource', query: 'prometheus' }] },
    panels: Array.from({ length: panels }, (_, index) => panel(name, index + 1, index === 0 ? value : 100)),
  }
}

function panel(name: string, id: number, maxDataPoints: number): object {
  const datasource = { type: 'prometheus', uid: '$' + '{datasource}' }
  const expr = `sum by (namespace) (rate(${name.replaceAll('-', '_')}_${id}_total{namespace=~".+"}[$__rate_interval]))`
  return {
    id,
    type: 'timeseries',
    title: `Panel ${id}`,
    gridPos: { h: 8, w: 12, x: (id % 2) * 12, y: Math.floor(id / 2) * 8 },
    datasource,
    maxDataPoints,
    fieldConfig: { defaults: { unit: 'reqps', color: { mode: 'palette-classic' } }, overrides: [] },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
    targets: [{ refId: 'A', datasource, expr, legendFormat: '{{namespace}}' }],
  }
}

export function dashboardsDocument(values: ReadonlyMap<string, number | undefined>): Document {
  const entries = [...values].map(
    ([name, value]) => [name, { definition: dashboardDefinition(name, value) }] as const,
  )
  return { component: 'grafana', type: 'dashboards', text: JSON.stringify(Object.fromEntries(entries)) }
}

/** Of a dashboard as the API shows it. */
export function valueIn(object: unknown): number {
  const [first] = listAt(at(object, 'spec'), 'panels')
  return figureAt(first, 'maxDataPoints') ?? Number.NaN
}
