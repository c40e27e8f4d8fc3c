import { parseDuration } from '../core/duration.ts'
import type { Controls, Issue, Policy } from '../reconcile/written.ts'
import { annotationPrefix, isSummaryAnnotation } from './names.ts'

/** What a ConfigMap without annotations asks for. */
export const defaultControls: Controls = {
  policy: 'upsert-only',
  suspend: false,
  approve: undefined,
  allow: new Set(),
  adopt: false,
  interval: undefined,
  reconcileAt: undefined,
  ignore: [],
  maxDeletes: undefined,
  extends: undefined,
}

export interface ParsedControls {
  readonly controls: Controls
  readonly issues: readonly Issue[]
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
/** Takes a value over; answers what it should have been when it is wrong. */
type Control = (controls: Mutable<Controls>, value: string) => string | undefined

const known: ReadonlyMap<string, Control> = new Map<string, Control>([
  [
    'policy',
    (to, value) =>
      check(isPolicy(value), () => (to.policy = value as Policy), 'upsert-only, sync or observe-only'),
  ],
  [
    'suspend',
    (to, value) => check(isFlag(value), () => (to.suspend = value === 'true'), '"true" or "false"'),
  ],
  ['adopt', (to, value) => check(isFlag(value), () => (to.adopt = value === 'true'), '"true" or "false"')],
  [
    'approve',
    (to, value) =>
      check(
        /^[0-9a-f]{12}$/.test(value),
        () => (to.approve = value),
        'the hash of the held changes: 12 hex digits',
      ),
  ],
  [
    'allow',
    (to, value) =>
      check(
        /^\w+(\s*,\s*\w+)*$/.test(value),
        () => (to.allow = new Set(list(value))),
        'rule codes with commas between them',
      ),
  ],
  [
    'interval',
    (to, value) =>
      check(
        isInterval(value),
        () => (to.interval = parseDuration(value)),
        'a time from 1s to 24h, such as 30s or 5m',
      ),
  ],
  [
    'reconcile-at',
    (to, value) =>
      check(
        value.length <= 256,
        () => (to.reconcileAt = value),
        'at most 256 characters, such as the time of day',
      ),
  ],
  [
    'ignore',
    (to, value) =>
      check(
        isPaths(value),
        () => (to.ignore = list(value)),
        'field paths with commas between them, such as config.retention.ms',
      ),
  ],
  [
    'max-deletes',
    (to, value) =>
      check(/^\d{1,6}$/.test(value), () => (to.maxDeletes = Number(value)), 'a whole number from 0'),
  ],
  [
    'extends',
    (to, value) =>
      check(
        isObjectName(value),
        () => (to.extends = value),
        'the name of one ConfigMap in the same namespace',
      ),
  ],
])

/** Named in the design, not done by this version: better refused than thought to be at work. */
const notYet: ReadonlySet<string> = new Set(['depends-on', 'rollback-to', 'windows'])

/**
 * The annotations `infometis.io/…` of a desired ConfigMap. Strict: a misspelt name or value is an issue, because a typo must
 * not silently lift a guard. Our own summary annotations are passed over.
 */
export function parseControls(annotations: Readonly<Record<string, string>>): ParsedControls {
  const controls: Mutable<Controls> = { ...defaultControls }
  const issues: Issue[] = []
  for (const [annotation, value] of Object.entries(annotations).sort()) {
    if (!annotation.startsWith(annotationPrefix) || isSummaryAnnotation(annotation)) continue
    const message = take(controls, annotation.slice(annotationPrefix.length), value)
    if (message !== undefined) issues.push({ path: annotation, message })
  }
  return { controls, issues }
}

/** The annotations that a reconcile must answer to when they change. */
export function honouredAnnotations(
  annotations: Readonly<Record<string, string>>,
): readonly (readonly [string, string])[] {
  return Object.entries(annotations)
    .filter(([name]) => name.startsWith(annotationPrefix) && !isSummaryAnnotation(name))
    .sort()
}

function take(controls: Mutable<Controls>, name: string, value: string): string | undefined {
  if (notYet.has(name)) return 'is not supported by this version: remove it'
  const control = known.get(name)
  if (control === undefined) return `is not a control; there are ${[...known.keys()].join(', ')}`
  const trimmed = value.trim()
  if (trimmed === '') return 'is empty: give it a value or remove it'
  const expected = control(controls, trimmed)
  return expected === undefined ? undefined : `is "${shown(trimmed)}" but must be ${expected}`
}

function check(good: boolean, assign: () => unknown, expected: string): string | undefined {
  if (!good) return expected
  assign()
  return undefined
}

function isPolicy(value: string): boolean {
  return value === 'upsert-only' || value === 'sync' || value === 'observe-only'
}

function isFlag(value: string): boolean {
  return value === 'true' || value === 'false'
}

function isInterval(value: string): boolean {
  const ms = parseDuration(value)
  return ms !== undefined && ms >= 1_000 && ms <= 86_400_000
}

function isPaths(value: string): boolean {
  return list(value).every((path) => /^\S+$/.test(path))
}

function isObjectName(value: string): boolean {
  return value.length <= 253 && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(value)
}

function list(value: string): readonly string[] {
  return value
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
}

function shown(value: string): string {
  return value.length <= 60 ? value : `${value.slice(0, 57)}…`
}
