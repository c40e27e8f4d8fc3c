import type { ServiceDescription } from '../../src/reconcile/service-description.ts'

export const elasticsearchDescription: ServiceDescription = {
  title: 'Elasticsearch',
  port: 9200,
  address: { setting: 'ELASTICSEARCH_URL', example: 'http://elasticsearch:9200' },
  exampleType: 'indices',
}
