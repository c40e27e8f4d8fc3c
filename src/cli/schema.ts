import { z } from 'zod'
import type { Resource } from '../core/resource.ts'
import { ExitError } from '../errors.ts'
import type { ResourceType } from '../reconcile/resource-type.ts'
import type { Context } from './context.ts'
import { json } from './context.ts'
import { unknown } from './nearest.ts'
import { findType, loadServices, typeNames } from './services.ts'

type JsonSchema = z.core.JSONSchema.BaseSchema

/** The JSON Schema of a whole document (entry → value) as people write it, for editors and for checks in CI. */
export async function schema(options: Pick<Context, 'out'> & { readonly type: string }): Promise<0> {
  const services = await loadServices()
  const found = findType(services, options.type)
  if (found === undefined) throw new ExitError(1, unknown('config type', options.type, typeNames(services)))
  const { service, type } = found
  const { $schema, ...rest } = documentSchema(type)
  json(options.out, {
    $schema,
    title: `${service.kind} ${type.name}`,
    description: `The data key ${type.name}.yaml (or .json) of a ConfigMap labelled infometis.component=${service.kind}, infometis.config-type=${type.name}.`,
    ...rest,
  })
  return 0
}

/** Entry → value of one config type. A definition may stand in its entry, or under another data key that the entry names. */
export function documentSchema(
  type: Pick<ResourceType<Resource>, 'name' | 'entryName' | 'schema' | 'definition'>,
): JsonSchema {
  const document = z.toJSONSchema(z.record(type.entryName, type.schema), {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === 'bigint') jsonSchema.type = 'integer'
    },
  })
  if (type.definition !== undefined) allowKey(document.additionalProperties, type.definition)
  return document
}

const keySchema: JsonSchema = {
  description: 'The content of another data key of the same ConfigMap (or of the base that it extends).',
  type: 'object',
  properties: { key: { type: 'string', minLength: 1 } },
  required: ['key'],
  additionalProperties: false,
}

/** In every form that an entry may have. */
function allowKey(entry: JsonSchema | boolean | undefined, member: string): void {
  if (typeof entry !== 'object') return
  const { properties = {}, anyOf = [], oneOf = [], allOf = [] } = entry
  const inline = Object.hasOwn(properties, member) ? properties[member] : undefined
  if (typeof inline === 'object') properties[member] = { anyOf: [inline, keySchema] }
  for (const form of [...anyOf, ...oneOf, ...allOf]) allowKey(form, member)
}
