import { z } from 'zod'
import { quote } from '../core/quote.ts'
import { strict } from './unknown-keys.ts'

type Said = (issue: { readonly input?: unknown }) => string

const nameError: Said = ({ input }) => `a Secret’s name is in lower case; ${quote(input)} is none`
const keyError: Said = ({ input }) =>
  `a key of a Secret consists of a-z, A-Z, 0-9, "-", "_" and "."; ${quote(input)} does not`

const secretName = z
  .string({ error: nameError })
  .regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, { error: nameError })
const secretKey = z.string({ error: keyError }).regex(/^[A-Za-z0-9._-]{1,253}$/, { error: keyError })
const secretShape = {
  name: secretName.describe('The Secret’s name, in the namespace of this document.'),
  key: secretKey.describe('Its key.'),
}

/** Where a value is kept: `{"name": …, "key": …}`. */
export const secretReference = z.strictObject(secretShape, { error: strict('secret', secretShape) })

/** A name of a Secret that goes with a name of any kind. */
export function secretNameFor(name: string, otherwise: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]+/g, '-')
    .replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
  return plain === '' ? otherwise : plain
}
