import { objectOf } from '../../src/core/json.ts'
import { secretNameFor } from '../../src/reconcile/secret-reference.ts'
import type { WrittenContext } from './context-schema.ts'
import { cleaned } from './definition/clean.ts'
import type { Flow, ParameterContext } from './resource.ts'
import type { WrittenFlow } from './schema.ts'

/** Observed → what a person would write. Undefined for what a registry is in charge of, and for a name that several groups have. */
export function toWrittenFlow({ name, fields, facts, snapshot }: Flow): WrittenFlow | undefined {
  if (facts === undefined || facts.versionControl !== undefined || facts.rivals.length > 0) return undefined
  const [groupName, parent, runState] = ['name', 'parent', 'run-state'].map((path) => fields.get(path))
  return {
    ...(typeof groupName === 'string' && groupName !== name && { name: groupName }),
    ...(typeof parent === 'string' && parent !== 'root' && { parent }),
    definition: cleaned(snapshot),
    ...(runState === 'stopped' && { 'run-state': 'stopped' as const }),
    ...(runState === 'partly' && { 'run-state': 'as-is' as const }),
  }
}

/** Of a sensitive parameter nobody can read the value: the Secret named here is to be made. */
export function toWrittenContext({
  name,
  fields,
  facts,
  parameters,
}: ParameterContext): WrittenContext | undefined {
  if (facts === undefined) return undefined
  const [description, inherits] = [fields.get('description'), fields.get('inherits')]
  const written = [...parameters].map(([parameter, { value, description: said }]) => {
    const secret = { name: secretNameFor(name, 'parameters'), key: parameter.replaceAll(' ', '-') }
    const content = value === undefined ? { secret } : { value }
    return [parameter, { ...content, ...(said === undefined ? {} : { description: said }) }] as const
  })
  return {
    ...(typeof description === 'string' && description !== '' && { description }),
    ...(written.length > 0 && { parameters: objectOf(written) }),
    ...(Array.isArray(inherits) && inherits.length > 0 && { inherits: inherits.map(String) }),
  }
}
