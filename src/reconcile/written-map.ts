import { z } from 'zod'
import { isObject, objectOf } from '../core/json.ts'

interface WrittenMap<V> {
  /** Why something is no such map. */
  readonly error: (written: unknown) => string
  readonly key: z.ZodType<string>
  readonly value: z.ZodType<V>
}

/** A map from name to value, by hand, for a record would lose a name such as `__proto__`. */
export function mapOf<V>({ error, key, value }: WrittenMap<V>) {
  return z
    .unknown()
    .transform((written, context): Readonly<Record<string, V>> => {
      if (!isObject(written)) {
        context.addIssue({ code: 'custom', message: error(written) })
        return z.NEVER
      }
      const found = new Map<string, V>()
      for (const [name, member] of Object.entries(written)) {
        const [named, read] = [key.safeParse(name), value.safeParse(member)]
        for (const { path, message } of [...(named.error?.issues ?? []), ...(read.error?.issues ?? [])])
          context.addIssue({ code: 'custom', path: [name, ...path], message })
        if (read.success) found.set(name, read.data)
      }
      return objectOf(found)
    })
    .meta({ type: 'object' })
}
