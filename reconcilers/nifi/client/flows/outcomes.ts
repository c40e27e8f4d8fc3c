import type { Reason } from '../../../../src/errors.ts'
import type { Outcome } from '../../../../src/reconcile/service-client.ts'
import type { Flow, Queue } from '../../resource.ts'

/** What a step ends the call with; undefined: go on with the next. */
export type Step = Outcome<Flow> | undefined

export function failed(reason: Reason, message: string): Outcome<Flow> {
  return { state: 'failed', reason, message }
}

export function pending(message: string): Outcome<Flow> {
  return { state: 'pending', message }
}

/** `120 FlowFiles (1.2 MB)`. */
export function inWords({ flowFiles, bytes }: Queue): string {
  const counted = flowFiles === 1 ? '1 FlowFile' : `${flowFiles} FlowFiles`
  return `${counted} (${sizeInWords(bytes)})`
}

function sizeInWords(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10))
  const size = bytes / 1024 ** power
  return `${power === 0 ? size : size.toFixed(1)} ${units[power] ?? 'bytes'}`
}

export function seconds(ms: number): string {
  return ms >= 120_000 ? `${Math.round(ms / 60_000)} minutes` : `${Math.round(ms / 1000)} seconds`
}

/** At most five, and how many more there are. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => `"${name}"`)
  const more = names.length - shown.length
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '')
}
