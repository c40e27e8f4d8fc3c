import { z } from 'zod'
import { ExitError } from '../errors.ts'
import type { Context } from './context.ts'
import { json } from './context.ts'
import { unknown } from './nearest.ts'
import { findType, loadServices, typeNames } from './services.ts'

/** The JSON Schema of a whole document (entry → value) as people write it, for editors and for checks in CI. */
export async function schema(options: Pick<Context, 'out'> & { readonly type: string }): Promise<0> {
  const services = await loadServices()
  const found = findType(services, options.type)
  if (found === undefined) throw new ExitError(1, unknown('config type', options.type, typeNames(services)))
  const { service, type } = found
  const document = z.toJSONSchema(z.record(type.entryName, type.schema), {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === 'bigint') jsonSchema.type = 'integer'
    },
  })
  const { $schema, ...rest } = document
  json(options.out, {
    $schema,
    title: `${service.kind} ${type.name}`,
    description: `The data key ${type.name}.yaml (or .json) of a ConfigMap labelled infometis.component=${service.kind}, infometis.config-type=${type.name}.`,
    ...rest,
  })
  return 0
}
