import { resolve } from 'node:path'
import type { Context } from './context.ts'

/** Settings whose files can be found from any directory. */
export function absoluteFiles(env: Context['env']): Context['env'] {
  return Object.fromEntries(
    Object.entries(env).map(([name, value = '']) => {
      return [name, name.endsWith('_FILE') && value !== '' ? resolve(value) : value]
    }),
  )
}
