import { toJsonObject } from '../../src/core/json.ts'
import { normalizeDashboard } from '../../reconcilers/grafana/dashboard-normalize.ts'
import { dashboardSchema } from '../../reconcilers/grafana/dashboard-schema.ts'
import { contentOf } from '../../reconcilers/grafana/dashboard/model.ts'
import type { Dashboard, DashboardContent } from '../../reconcilers/grafana/resource.ts'
import { issuesOf } from './schema-issues.ts'

type Members = Readonly<Record<string, unknown>>

/** A classic dashboard of two panels, a collapsed row with a third, a variable and two annotations. */
export function classicSpec(more: Members = {}): Members {
  return {
    title: 'Kafka overview',
    tags: ['kafka'],
    schemaVersion: 39,
    time: { from: 'now-1h', to: 'now' },
    annotations: {
      list: [
        { builtIn: 1, datasource: '-- Grafana --', name: 'Annotations & Alerts', type: 'dashboard' },
        { name: 'Deployments', datasource: { uid: 'prometheus' }, expr: 'changes(up[5m])' },
      ],
    },
    templating: {
      list: [variable('topic'), variable('group', { current: { text: 'All', value: '$__all' } })],
    },
    panels: [
      panel(1, 'Messages in'),
      panel(2, 'Lag'),
      { id: 3, type: 'row', title: 'Details', collapsed: true, panels: [panel(4, 'Bytes in')] },
    ],
    ...more,
  }
}

export function panel(id: number | undefined, title: string, more: Members = {}): Members {
  return {
    ...(id !== undefined && { id }),
    type: 'timeseries',
    title,
    datasource: { type: 'prometheus', uid: 'prometheus' },
    targets: [{ refId: 'A', expr: `sum(rate(${title.toLowerCase().replaceAll(' ', '_')}_total[5m]))` }],
    ...more,
  }
}

export function variable(name: string, more: Members = {}): Members {
  return { name, type: 'query', query: `label_values(${name})`, datasource: { uid: 'prometheus' }, ...more }
}

/** The same in version 2, of one panel and one variable. */
export function v2Spec(more: Members = {}): Members {
  const query = (datasource: Members) => ({
    kind: 'DataQuery',
    group: 'prometheus',
    version: 'v0',
    datasource,
  })
  return {
    title: 'Kafka overview',
    tags: ['kafka'],
    layout: { kind: 'GridLayout', spec: { items: [] } },
    elements: {
      'panel-1': {
        kind: 'Panel',
        spec: {
          id: 1,
          title: 'Messages in',
          data: {
            kind: 'QueryGroup',
            spec: {
              queries: [{ kind: 'PanelQuery', spec: { refId: 'A', query: query({ name: 'prometheus' }) } }],
            },
          },
          vizConfig: { kind: 'VizConfig', group: 'timeseries', version: '13.0.0', spec: { options: {} } },
        },
      },
    },
    variables: [
      {
        kind: 'QueryVariable',
        spec: { name: 'topic', query: query({ name: 'thanos' }), current: { text: 'a', value: 'a' } },
      },
    ],
    annotations: [{ kind: 'AnnotationQuery', spec: { name: 'Annotations & Alerts', builtIn: true } }],
    ...more,
  }
}

/** Through the schema, as a document’s entry goes. */
export function writtenDashboard(
  definition: unknown,
  more: Members = {},
  name = 'kafka-overview',
): Dashboard {
  return normalizeDashboard(name, dashboardSchema.parse({ ...more, definition }))
}

/** What stands wrong in an entry: `path: message`. */
export function dashboardIssues(entry: unknown): readonly string[] {
  return issuesOf(dashboardSchema, entry)
}

export function contentFrom(spec: Members, model: DashboardContent['model'] = 'classic'): DashboardContent {
  return contentOf({ model, spec: toJsonObject(spec) })
}
