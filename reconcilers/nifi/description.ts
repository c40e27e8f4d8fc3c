import type { ServiceDescription } from '../../src/reconcile/service-description.ts'

export const nifiDescription: ServiceDescription = {
  title: 'NiFi',
  port: 8443,
  address: { setting: 'NIFI_URL', example: 'https://nifi:8443' },
  exampleType: 'flows',
}
