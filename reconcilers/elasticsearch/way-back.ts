import { parseRollbackAlias } from './markers.ts'
import type { Index } from './resource.ts'

/** What a person who is about to delete an index has to know of it: it may be what a reindex left as the way back. Else empty. */
export function wayBack(observed: Index | undefined): string {
  const marks = Object.keys(observed?.body.aliases ?? {}).flatMap((alias) => parseRollbackAlias(alias) ?? [])
  return marks
    .map(({ name, untilMs }) => {
      const until = new Date(untilMs).toISOString().replace(/\.\d+Z$/, 'Z')
      return `; it is the way back for ${name} and is meant to stay until ${until}`
    })
    .join('')
}
