import { parseAllDocuments } from 'yaml'
import { fieldsOf, isFields, listOf } from '../../src/environments/manifest.ts'
import type { SchemaSet } from '../../src/environments/schema-set.ts'
import { compact, type Schema } from './compact.ts'

/** The schemas of CustomResourceDefinitions, for the kinds named; their newest served version that is named. */
export function customSchemas(
  origin: string,
  text: string,
  wanted: Readonly<Record<string, readonly string[]>>,
): SchemaSet {
  const specs = parseAllDocuments(text).map((document) => fieldsOf(fieldsOf(document.toJS())['spec']))
  const set: { kinds: Record<string, string>; clusterScoped: string[]; definitions: Record<string, Schema> } =
    {
      kinds: {},
      clusterScoped: [],
      definitions: {},
    }
  for (const [apiVersion, kinds] of Object.entries(wanted)) {
    const [group = '', version = ''] = apiVersion.split('/')
    for (const kind of kinds) {
      const spec = specs.find((each) => each['group'] === group && fieldsOf(each['names'])['kind'] === kind)
      const schema = schemaOf(spec, version)
      if (spec === undefined || schema === undefined)
        throw new Error(`${origin} has no definition of ${apiVersion} ${kind}`)
      set.kinds[`${apiVersion}/${kind}`] = kind
      if (spec['scope'] === 'Cluster') set.clusterScoped.push(`${group}/${kind}`)
      set.definitions[kind] = wholeObject(schema)
    }
  }
  return { origin, ...set }
}

function schemaOf(spec: Schema | undefined, version: string): Schema | undefined {
  const found = listOf(spec?.['versions'])
    .map(fieldsOf)
    .find((each) => each['name'] === version)
  const schema = fieldsOf(found?.['schema'])['openAPIV3Schema']
  return isFields(schema) ? schema : undefined
}

/** A definition says nothing of metadata: that is the same for all. */
function wholeObject(schema: Schema): Schema {
  const whole = compact(schema, (ref) => ref)
  const properties = fieldsOf(whole['properties'])
  const metadata = { $ref: 'kubernetes.json#/definitions/meta.v1.ObjectMeta' }
  const status = Object.hasOwn(properties, 'status') ? { status: {} } : {}
  return { ...whole, properties: { ...properties, metadata, ...status } }
}
