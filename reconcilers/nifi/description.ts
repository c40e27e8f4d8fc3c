import type { ServiceDescription } from '../../src/reconcile/service-description.ts'

export const nifiDescription: ServiceDescription = {
  title: 'NiFi',
  port: 8080,
  address: { setting: 'NIFI_URL', example: 'http://nifi:8080' },
  exampleType: 'flows',
}
