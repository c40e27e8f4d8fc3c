import type { z } from 'zod'
import type { Fence } from '../../src/reconcile/fence.ts'
import type { ResourceType } from '../../src/reconcile/resource-type.ts'
import type { ServiceClient } from '../../src/reconcile/service-client.ts'
import { ServiceReconciler } from '../../src/reconcile/service-reconciler.ts'
import { classifyIndex } from './classify.ts'
import { ElasticWire } from './client/elastic-wire.ts'
import { ElasticsearchClient } from './client/elasticsearch-client.ts'
import { normalizeDefinition, normalizeIndex, toWrittenDefinition, toWrittenIndex } from './normalize.ts'
import { requirements } from './requires.ts'
import { isIndex, isOfIndex } from './resource.ts'
import type { Definition, SearchResource } from './resource.ts'
import { definitionRules, indexRules } from './rules.ts'
import {
  componentTemplateSchema,
  definitionName,
  indexName,
  indexSchema,
  indexTemplateSchema,
  pipelineSchema,
  policySchema,
  templateName,
} from './schema.ts'
import type { WrittenIndex } from './schema.ts'
import { elasticsearchSettings } from './settings.ts'
import type { ElasticsearchSettings } from './settings.ts'

/** `indices.yaml`: index name → settings, mappings, aliases, and what an incompatible change does. */
export const indices: ResourceType<SearchResource, WrittenIndex> = {
  name: 'indices',
  entryName: indexName,
  schema: indexSchema,
  normalize: normalizeIndex,
  toWritten: (observed) => (isIndex(observed) ? toWrittenIndex(observed) : undefined),
  rules: indexRules,
  classify: (change) => (isOfIndex(change) ? classifyIndex(change) : [change]),
  requires: requirements,
}

/** The bodies of the server's own PUT APIs, by name. */
export const definitions: readonly ResourceType<SearchResource>[] = [
  definition('component-templates', templateName, componentTemplateSchema),
  definition('ingest-pipelines', definitionName, pipelineSchema),
  definition('ilm-policies', definitionName, policySchema),
  definition('index-templates', templateName, indexTemplateSchema),
]

function definition(
  name: Definition['type'],
  entryName: z.ZodType<string>,
  schema: z.ZodType,
): ResourceType<SearchResource> {
  return {
    name,
    entryName,
    schema,
    normalize: normalizeDefinition(name),
    toWritten: (observed) => (isIndex(observed) ? undefined : toWrittenDefinition(observed)),
    rules: definitionRules,
    requires: requirements,
  }
}

/** Keeps indices and what they are made with as Git says. */
export class ElasticsearchReconciler extends ServiceReconciler<SearchResource, ElasticsearchSettings> {
  readonly kind = 'elasticsearch'
  readonly types = [...definitions, indices]
  readonly settings = elasticsearchSettings

  connect(settings: ElasticsearchSettings, fence?: Fence): ServiceClient<SearchResource> {
    return new ElasticsearchClient(new ElasticWire(settings, fence))
  }
}
