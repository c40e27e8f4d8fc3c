import pino from 'pino'
import { ReconcileError } from '../errors.ts'
import type { Log } from '../reconcile/world.ts'
import { prettyLine } from './pretty-line.ts'

/** A log that can be narrowed: every line of the child carries `fields`. */
export interface Logger extends Log {
  child(fields: object): Logger
}

export interface LoggerSettings {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error'
  /** Lines for people instead of JSON. */
  readonly pretty: boolean
}

/**
 * Names whose values are never written, at any of the first four levels. This is the second net: the first is that no
 * secret is passed to a log at all.
 */
const secretNames = [
  'authorization',
  'Authorization',
  'token',
  'bearerToken',
  'password',
  'passphrase',
  'secret',
  'secrets',
  'credentials',
  'privateKey',
  'clientKey',
  'apiKey',
  'sasl',
]
const levels = ['', '*.', '*.*.', '*.*.*.']
const redacted = levels.flatMap((level) => secretNames.map((name) => level + name))

/** A logger that gives each line, with its end, to `write`: standard output, whose pipes are written synchronously, so the last line before an exit is not lost. */
export function createLogger(settings: LoggerSettings, write: (line: string) => unknown): Logger {
  const destination = { write: (line: string) => void write(settings.pretty ? prettyLine(line) : line) }
  return pino(
    {
      level: settings.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redacted, censor: '[redacted]' },
      serializers: { error: errorFields, err: errorFields },
    },
    destination,
  )
}

/** A failure that has a reason is told by its reason; only what should not have happened shows where it did. */
function errorFields(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  if (error instanceof ReconcileError && error.reason !== 'InternalError') {
    return { reason: error.reason, message: error.message }
  }
  const cause = error.cause instanceof Error ? error.cause : error
  return { name: error.name, message: error.message, stack: cause.stack }
}
