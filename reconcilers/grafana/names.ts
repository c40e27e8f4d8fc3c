import { z } from 'zod'
import { quote } from '../../src/core/quote.ts'
import { notText } from '../../src/reconcile/written-text.ts'

const most = 40

/** The identity of everything in Grafana: it stands in links, and survives every renaming. */
export function uidOf(what: string) {
  return z
    .string({ error: ({ input }) => notText(what, input) })
    .refine((uid) => uid !== '', { error: `${what} must not be empty` })
    .refine((uid) => uid.length <= most, {
      error: ({ input }) => `${what} has at most ${most} characters, this one has ${String(input).length}`,
    })
    .refine((uid) => /^[A-Za-z0-9_-]*$/.test(uid), {
      error: ({ input }) =>
        `${what} consists of a-z, A-Z, 0-9, "-" and "_"; ${quote(input)} does not (it is the uid, not the title)`,
    })
}

/** Grafana keeps them for itself. */
const reserved = new Set(['general', 'sharedwithme'])

/** A folder that can be named: the top is none. */
export function folderUidOf(what: string) {
  return uidOf(what).refine((uid) => !reserved.has(uid), {
    error: ({ input }) => `${what} must not be ${quote(input)}: Grafana keeps that uid for itself`,
  })
}

const shape = `at most ${most} of a-z, A-Z, 0-9, "-" and "_".`

/** One entry's key in `folders`. */
export const folderUid = folderUidOf('a folder’s uid').describe(`The folder’s uid: ${shape}`)

/** One entry's key in `dashboards`. */
export const dashboardUid = uidOf('a dashboard’s uid').describe(`The dashboard’s uid: ${shape}`)

/** One entry's key in `datasources`. */
export const datasourceUid = uidOf('a datasource’s uid').describe(`The datasource’s uid: ${shape}`)

/** One entry's key in `alert-rules`. */
export const alertRuleUid = uidOf('an alert rule’s uid').describe(`The alert rule’s uid: ${shape}`)
