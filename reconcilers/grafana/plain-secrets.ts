import { isJsonObject, isList, type JsonObject, objectOf } from '../../src/core/json.ts'
import type { Json } from '../../src/core/resource.ts'

/**
 * Ends of member names that hold a secret in one plugin or another. Names that only begin so are none: `tokenUri`, `apiKeyType`,
 * `secretArn`.
 */
const secretName =
  /(password|passwd|passphrase|secret|token|api-?key|secret-?key|private-?key|access-?key|client-?key|account-?key|headervalue\d+|connectionstring)$/i
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----/

/** What stands for a secret that somebody put where everybody can read it. */
const hidden = '(not shown)'

/** Where in `jsonData` a secret stands in plain text. */
export function plainSecrets(jsonData: JsonObject): readonly (readonly string[])[] {
  const found: (readonly string[])[] = []
  const visit = (value: Json, path: readonly string[]): void => {
    if (isSecret(path.at(-1) ?? '', value)) found.push(path)
    for (const [name, member] of membersOf(value)) visit(member, [...path, name])
  }
  visit(jsonData, [])
  return found
}

/** The same value with words in the place of secrets. */
export function masked(value: Json, name = ''): Json {
  if (isSecret(name, value)) return hidden
  if (isList(value)) return value.map((each) => masked(each))
  if (!isJsonObject(value)) return value
  return objectOf(Object.entries(value).map(([member, each]) => [member, masked(each, member)] as const))
}

/** The same value without its secrets. */
export function withoutSecrets(jsonData: JsonObject): JsonObject {
  return objectOf(
    Object.entries(jsonData).flatMap(([name, member]) => {
      if (isSecret(name, member)) return []
      return [[name, isJsonObject(member) ? withoutSecrets(member) : masked(member)] as const]
    }),
  )
}

/** An address without the password that stands in it. */
export function maskedUrl(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)?([^/@:]*):[^/@]*@/i, '$1$2:***@')
}

/** An address without the user that stands in it. */
export function withoutUser(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/]*@/i, '$1')
}

/** Whether an address holds a user's name or password. */
export function hasUser(url: string): boolean {
  return /^([a-z][a-z0-9+.-]*:\/\/)?[^/]*@/i.test(url)
}

function isSecret(name: string, value: Json): boolean {
  if (typeof value !== 'string' || value === '') return false
  return value === hidden || secretName.test(name.replaceAll('_', '-')) || privateKey.test(value)
}

function membersOf(value: Json): readonly (readonly [string, Json])[] {
  if (isList(value)) return value.map((each, at) => [String(at), each] as const)
  return isJsonObject(value) ? Object.entries(value) : []
}
