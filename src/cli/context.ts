import { styleText } from 'node:util'
import type { Paint, Tone } from '../core/render.ts'

/** Where a command writes. `isTTY` decides about colours; a process stream is one. */
export interface Writer {
  write(text: string): unknown
  readonly isTTY?: boolean
}

/** Everything a command touches besides its arguments: no command reads a global. */
export interface Context {
  readonly out: Writer
  readonly err: Writer
  /** Standard input, opened only by `-f -`. */
  readonly input: AsyncIterable<Uint8Array | string>
  /** What relative paths are relative to. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

const formats: Readonly<Record<Tone, Parameters<typeof styleText>[0]>> = {
  create: 'green',
  update: 'yellow',
  delete: 'red',
  withheld: 'magenta',
  quiet: 'dim',
}

/** Colours only on a terminal, and never where NO_COLOR is set (no-color.org) or the terminal is dumb. */
export function painter(writer: Writer, env: Context['env']): Paint {
  const wanted = writer.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
  if (!wanted) return (_tone, text) => text
  return (tone, text) => styleText(formats[tone], text, { validateStream: false })
}

export function line(writer: Writer, text = ''): void {
  writer.write(`${text}\n`)
}

/** JSON for a program: two spaces, Maps and bigints already plain by then. */
export function json(writer: Writer, value: unknown): void {
  line(writer, JSON.stringify(value, undefined, 2))
}
