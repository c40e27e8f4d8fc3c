import { z } from 'zod'
import { quote } from '../../src/core/quote.ts'
import { maxNameBytes } from './markers.ts'

/** The suffix of a generation, `-000001`. */
const suffixBytes = '-000001'.length
const mostBytes = maxNameBytes - suffixBytes

function bytesOf(value: unknown): number {
  return typeof value === 'string' ? Buffer.byteLength(value) : 0
}

/** What no name may hold: `MetadataCreateIndexService.validateIndexOrAliasName`, and characters that no one sees. */
const forbidden = /[\\/*?"<>|,#:\s\u0000-\u001f\u007f]/u

/**
 * One entry's key in `indices`: what Elasticsearch accepts as an index name, and short enough for the names that a reindex adds
 * to it. A leading dot passes here; the rule ReservedName speaks of it.
 */
export const indexName = z
  .string()
  .min(1, 'an index name must not be empty')
  .refine((name) => bytesOf(name) <= mostBytes, {
    error: ({ input }) =>
      `an index name has at most ${mostBytes} bytes here (255, less what a reindex adds to it), this one has ${bytesOf(input)}`,
  })
  .refine((name) => name !== '.' && name !== '..', 'an index cannot be named "." or ".."')
  .refine((name) => !/^[_+-]/.test(name), {
    error: ({ input }) => `an index name must not begin with "_", "-" or "+"; ${quote(input)} does`,
  })
  .refine((name) => !forbidden.test(name), {
    error: ({ input }) =>
      `an index name must not hold \\ / * ? " < > | , # : or white space; ${quote(input)} does${dateMath(input)}`,
  })
  .refine((name) => name === name.toLowerCase(), {
    error: ({ input }) => `an index name must be in lower case; ${quote(input)} is not`,
  })
  .describe(
    `The index’s name: lower case, at most ${mostBytes} bytes, without \\ / * ? " < > | , # : and white space.`,
  )

function dateMath(input: unknown): string {
  return /^<.*\{.*\}.*>$/.test(String(input))
    ? '; date math has no place here: write the name that it stands for'
    : ''
}

/** One entry's key in the other documents: templates, pipelines and policies. */
export const definitionName = z
  .string()
  .min(1, 'a name must not be empty')
  .refine((name) => bytesOf(name) <= 255, {
    error: ({ input }) => `a name has at most 255 bytes, this one has ${bytesOf(input)}`,
  })
  .refine((name) => name !== '.' && name !== '..', 'a name cannot be "." or ".."')
  .refine((name) => !name.startsWith('_'), {
    error: ({ input }) => `a name must not begin with "_"; ${quote(input)} does`,
  })
  .refine((name) => !forbidden.test(name), {
    error: ({ input }) => `a name must not hold \\ / * ? " < > | , # : or white space; ${quote(input)} does`,
  })
  .describe(
    'The name: at most 255 bytes, without \\ / * ? " < > | , # : and white space, not beginning with "_".',
  )

/** The name of a template: the server wants these in lower case. */
export const templateName = definitionName
  .refine((name) => name === name.toLowerCase(), {
    error: ({ input }) => `a template’s name must be in lower case; ${quote(input)} is not`,
  })
  .describe(
    'The template’s name: lower case, at most 255 bytes, without \\ / * ? " < > | , # : and white space.',
  )
