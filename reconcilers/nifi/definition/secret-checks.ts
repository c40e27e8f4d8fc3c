import type { JsonObject } from '../../../src/core/json.ts'
import { quote } from '../../../src/core/quote.ts'
import { textOf } from './components.ts'
import { isParameterReference, propertiesOf } from './properties.ts'

/** What NiFi shows in the place of a sensitive value. Sent back, it would become the value. */
export const mask = '********'

interface PlainText {
  readonly member: readonly string[]
  /** Never with the value in it. */
  readonly message: string
}

/** The sensitive values of a processor, service or remote process group that stand in plain text. */
export function plainTextIn(json: JsonObject): readonly PlainText[] {
  const properties = propertiesOf(json).flatMap(({ name, value, sensitive }) => {
    const message = isParameterReference(value) ? undefined : fault(value, sensitive)
    return message === undefined ? [] : [{ member: ['properties', name], message }]
  })
  const password = textOf(json, 'proxyPassword')
  if (password === '' || isParameterReference(password)) return properties
  return [...properties, { member: ['proxyPassword'], message: plain }]
}

const wayOut = 'refer to a parameter, such as #{password}, and write its value in a Secret'
const plain = `is sensitive and stands in plain text; ${wayOut}`

function fault(value: string, sensitive: boolean | undefined): string | undefined {
  if (value === mask && sensitive !== false)
    return `is ${quote(mask)}, which NiFi shows in the place of a sensitive value; ${wayOut}`
  if (sensitive !== true) return undefined
  return /^enc\{.*\}$/s.test(value) ? `is encrypted with the key of some NiFi; ${wayOut}` : plain
}
