import type { Change } from '../../../../src/core/resource.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import type { ParameterContext } from '../../resource.ts'

/** What a change says of one parameter. */
export interface ParameterWish {
  readonly name: string
  readonly value: WishedValue
  /** Undefined: it stays as it is. */
  readonly description: string | undefined
}

export type WishedValue =
  | { readonly kind: 'removed' }
  | { readonly kind: 'untouched' }
  | { readonly kind: 'plain'; readonly text: string | null }
  | { readonly kind: 'secret'; readonly text: string }

const values = 'parameters.'
const descriptions = 'descriptions.'

/** By parameter; of what the change does not name nothing is wished. Throws ReconcileError where a value is missing. */
export function parameterWishes(change: Change<ParameterContext>): readonly ParameterWish[] {
  const wished = new Map<string, WishedValue>()
  const described = new Map<string, string>()
  for (const { path, after } of change.fields) {
    if (path.startsWith(values)) {
      const name = path.slice(values.length)
      wished.set(name, after === undefined ? { kind: 'removed' } : valueOf(change, name))
    } else if (path.startsWith(descriptions)) {
      described.set(path.slice(descriptions.length), typeof after === 'string' ? after : '')
    }
  }
  const names = new Set([...wished.keys(), ...described.keys()])
  return [...names].map((name) => ({
    name,
    value: wished.get(name) ?? { kind: 'untouched' },
    description: described.get(name),
  }))
}

function valueOf({ name: context, desired }: Change<ParameterContext>, name: string): WishedValue {
  const written = desired?.parameters.get(name)
  if (written?.value !== undefined) return { kind: 'plain', text: written.value }
  const text = desired?.secrets?.reveal(`${values}${name}`)
  if (text !== undefined) return { kind: 'secret', text }
  throw new ReconcileError(
    'ChangesFailed',
    `parameter "${name}" of context "${context}" is sensitive, and its Secret was not read: nothing was changed`,
  )
}

/** The words without any of the values that came from Secrets; one of less than three characters would take words apart, and hides nothing. */
export function redacted(words: string, change: Change<ParameterContext>): string {
  const secrets = [...(change.desired?.parameters.keys() ?? [])]
    .flatMap((name) => change.desired?.secrets?.reveal(`${values}${name}`) ?? [])
    .filter((secret) => secret.length > 2)
    .toSorted((a, b) => b.length - a.length)
  return secrets.reduce((text, secret) => text.replaceAll(secret, '[secret]'), words)
}
