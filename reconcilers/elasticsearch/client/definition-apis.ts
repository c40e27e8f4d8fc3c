import { isObject, own } from '../../../src/core/json.ts'
import type { Definition } from '../resource.ts'
import { listAt } from '../../../src/core/members.ts'

type DefinitionType = Definition['type']

/** How one type of definition is read. All of them are put and deleted by name under the same path. */
interface DefinitionApi {
  readonly path: string
  /** Query of a request for the names alone. */
  readonly namesOnly: Readonly<Record<string, string>>
  /** Name → definition, as the server's answer has them. */
  readonly read: (answer: unknown) => Iterable<readonly [string, unknown]>
}

export const definitionApis: Readonly<Record<DefinitionType, DefinitionApi>> = {
  'component-templates': {
    path: '/_component_template',
    namesOnly: { filter_path: 'component_templates.name' },
    read: listOf('component_templates', 'component_template'),
  },
  'index-templates': {
    path: '/_index_template',
    namesOnly: { filter_path: 'index_templates.name' },
    read: listOf('index_templates', 'index_template'),
  },
  'ingest-pipelines': { path: '/_ingest/pipeline', namesOnly: { summary: 'true' }, read: mapOf },
  'ilm-policies': { path: '/_ilm/policy', namesOnly: { filter_path: '*.version' }, read: mapOf },
}

function listOf(list: string, item: string): DefinitionApi['read'] {
  return (answer) =>
    listAt(answer, list).flatMap((each): [string, unknown][] => {
      const name = own(each, 'name')
      return typeof name === 'string' ? [[name, own(each, item)]] : []
    })
}

function mapOf(answer: unknown): Iterable<readonly [string, unknown]> {
  return isObject(answer) ? Object.entries(answer) : []
}
