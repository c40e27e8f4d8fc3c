import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { normalizeDefinition, normalizeIndex } from './normalize.ts'
import { requirements } from './requires.ts'
import type { SearchResource } from './resource.ts'

const cases: readonly (readonly [string, SearchResource, readonly string[]])[] = [
  [
    'an index with pipelines and a policy',
    normalizeIndex('a', {
      settings: { index: { default_pipeline: 'p', lifecycle: { name: 'l' } }, final_pipeline: 'q' },
    }),
    ['ingest-pipelines/p', 'ingest-pipelines/q', 'ilm-policies/l'],
  ],
  [
    'an index with one pipeline twice',
    normalizeIndex('a', { settings: { default_pipeline: 'p', final_pipeline: 'p' } }),
    ['ingest-pipelines/p'],
  ],
  [
    'an index that switches them off',
    normalizeIndex('a', {
      settings: { default_pipeline: '_none', final_pipeline: '_none', 'lifecycle.name': '' },
    }),
    [],
  ],
  ['an index of defaults', normalizeIndex('a', {}), []],
  [
    'an index template',
    normalizeDefinition('index-templates')('t', {
      index_patterns: ['a'],
      composed_of: ['one', 'two', 'maybe', 'one'],
      ignore_missing_component_templates: ['maybe'],
      template: { settings: { index: { default_pipeline: 'p' } } },
    }),
    ['component-templates/one', 'component-templates/two', 'ingest-pipelines/p'],
  ],
  [
    'a component template',
    normalizeDefinition('component-templates')('c', {
      template: { settings: { 'index.lifecycle.name': 'l' } },
    }),
    ['ilm-policies/l'],
  ],
  ['an empty component template', normalizeDefinition('component-templates')('c', { template: {} }), []],
  [
    'a pipeline, whatever it calls',
    normalizeDefinition('ingest-pipelines')('p', { processors: [{ pipeline: { name: 'other' } }] }),
    [],
  ],
  ['a policy', normalizeDefinition('ilm-policies')('l', { phases: {} }), []],
]

describe('what has to be there first', () => {
  for (const [what, resource, expected] of cases) {
    it(`for ${what}`, () => assert.deepEqual(requirements(resource), expected))
  }
})
