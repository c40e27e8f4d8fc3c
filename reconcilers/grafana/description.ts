import type { ServiceDescription } from '../../src/reconcile/service-description.ts'

export const grafanaDescription: ServiceDescription = {
  title: 'Grafana',
  port: 3000,
  address: { setting: 'GRAFANA_URL', example: 'http://grafana:3000' },
  simulated: true,
  exampleType: 'dashboards',
}
