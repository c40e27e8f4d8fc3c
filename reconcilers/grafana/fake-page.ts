import type { Profile } from './fake-profile.ts'
import type { FakeState } from './fake-state.ts'

/** What a browser is shown, so that nobody takes it for Grafana. */
export function page({ version }: Profile, { data }: FakeState): string {
  const counts = countsOf(data)
    .map(([name, count]) => `<li>${count} ${name.replaceAll('_', ' ')}</li>`)
    .join('')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Simulated Grafana API of InfoMetis</title></head>
<body><h1>Simulated Grafana API of InfoMetis, not Grafana</h1>
<p>It answers <code>/api</code> and <code>/apis</code> as Grafana ${version} does, and has no pages, queries or alerts.
Set <code>GRAFANA_URL</code> to use a real one.</p>
<ul>${counts}</ul></body></html>
`
}

function countsOf(data: FakeState['data']): readonly (readonly [string, number])[] {
  const { folders, dashboards, datasources, rules } = data
  return [
    ['folders', folders.size],
    ['dashboards', dashboards.size],
    ['datasources', datasources.size],
    ['alert_rules', rules.size],
  ]
}

/** In Prometheus' text format, under the names that Grafana has for them. */
export function metrics({ version }: Profile, { data }: FakeState): string {
  const gauges = countsOf(data).map(([name, count]) => {
    const metric = `grafana_stat_totals_${name.replace(/s$/, name === 'alert_rules' ? 's' : '')}`
    return `# TYPE ${metric} gauge\n${metric} ${count}\n`
  })
  return `# TYPE grafana_build_info gauge\ngrafana_build_info{edition="simulated",version="${version}"} 1\n${gauges.join('')}`
}
