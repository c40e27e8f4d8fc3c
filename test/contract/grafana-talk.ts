import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import type { ProfileName } from '../../reconcilers/grafana/fake.ts'
import { isObject, own } from '../../src/core/json.ts'
import { textAt } from '../../src/core/members.ts'
import { type AskGrafana, noProvenance } from '../support/grafana-bystander.ts'

type Method = 'GET' | 'PUT' | 'POST' | 'DELETE'

/** One request, and what Grafana is expected to say: at least these members, with these values; a pattern stands for a text. */
export interface Exchange {
  readonly method: Method
  /** `{folders}`, `{dashboards:v0alpha1}` … stand for a path below `/apis`. */
  readonly path: string
  /** May be made of what was heard before, the newest last. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly status: number
  readonly says?: unknown
}

/** Exchanges that follow one another, and where it is known from what Grafana says. */
export interface Conversation {
  /** A file of grafana/grafana with its commit, or a page of the documentation. */
  readonly source: string
  /** Default: all. */
  readonly profiles?: readonly ProfileName[]
  /** What it leaves behind, in an order in which it can be deleted. */
  readonly leaves?: readonly string[]
  readonly exchanges: readonly Exchange[]
}

/** A member that must not be there. */
export const absent = Symbol('absent')

/** What was heard last, for the body of the next request. */
export type BodyOf = (heard: unknown) => unknown

export const newer: readonly ProfileName[] = ['12.4', '13.0', '13.3']

/** Asks everything, one after the other; throws at the first answer that is not as expected. */
export async function converse(
  ask: AskGrafana,
  profile: ProfileName,
  { exchanges, leaves = [] }: Conversation,
): Promise<void> {
  const clear = async (): Promise<void> => {
    for (const path of leaves) await ask('DELETE', resolved(path, profile), undefined, noProvenance)
  }
  await clear()
  try {
    let heard: unknown
    for (const exchange of exchanges) heard = await one(ask, profile, exchange, heard)
  } finally {
    await clear()
  }
}

async function one(
  ask: AskGrafana,
  profile: ProfileName,
  { method, path, body, headers, status, says }: Exchange,
  heard: unknown,
): Promise<unknown> {
  const sent = typeof body === 'function' ? (body as BodyOf)(heard) : body
  const answer = await ask(method, resolved(path, profile), sent, headers)
  const where = `${method} ${path}: ${JSON.stringify(answer.body)}`
  assert.equal(answer.status, status, where)
  assert.deepEqual(unlike('', answer.body, says), [], where)
  return answer.body
}

const newest: Readonly<Record<string, (profile: ProfileName) => string>> = {
  v1: (profile) => (profile === '12.4' ? 'v1beta1' : 'v1'),
  v2: (profile) => (profile === '12.4' ? 'v2beta1' : 'v2'),
}

function resolved(path: string, profile: ProfileName): string {
  return path.replace(/\{(folders|dashboards)(?::(\w+))?\}/, (_, resource: string, asked = 'v1') => {
    const version = newest[String(asked)]?.(profile) ?? String(asked)
    return `/apis/${resource.slice(0, -1)}.grafana.app/${version}/namespaces/default/${resource}`
  })
}

/** Where an answer lacks what is expected of it. */
function unlike(path: string, heard: unknown, expected: unknown): readonly unknown[] {
  if (expected === undefined) return []
  if (expected instanceof RegExp) return expected.test(String(heard)) ? [] : [[path, heard, expected.source]]
  if (Array.isArray(expected)) {
    if (!Array.isArray(heard)) return [[path, heard, expected]]
    const list: readonly unknown[] = heard
    if (list.length !== expected.length) return [[path, list.length, expected.length]]
    return expected.flatMap((each, index) => unlike(`${path}.${index}`, list[index], each))
  }
  if (!isObject(expected)) return isDeepStrictEqual(heard, expected) ? [] : [[path, heard, expected]]
  return Object.entries(expected).flatMap(([name, each]) => {
    if (each !== absent) return unlike(`${path}.${name}`, own(heard, name), each)
    return own(heard, name) === undefined ? [] : [[`${path}.${name}`, own(heard, name), 'absent']]
  })
}

/** The release whose answers are expected of a server, by what it says of itself. */
export function profileOf(health: unknown): ProfileName {
  const [major = 0, minor = 0] = textAt(health, 'version').split('.').map(Number)
  if (major < 12) return 'api-only'
  if (major === 12) return '12.4'
  return major === 13 && minor === 0 ? '13.0' : '13.3'
}
