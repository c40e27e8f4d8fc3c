import { Option } from 'commander'
import { parseDuration } from '../core/duration.ts'
import { ExitError } from '../errors.ts'

/** Reports the exit code a command ended with. */
export type Done = (code: number) => void

export function fileOption(): Option {
  const collect = (path: string, before: readonly string[] | undefined): readonly string[] => [
    ...(before ?? []),
    path,
  ]
  return new Option('-f, --file <path>', 'a file, a directory, or - for standard input; may be repeated')
    .argParser(collect)
    .makeOptionMandatory()
}

export function namespaceOption(): Option {
  return new Option(
    '-n, --namespace <name>',
    'the reconciler’s namespace (default: $INFOMETIS_NAMESPACE, else the kubeconfig’s)',
  )
}

/** The command gets milliseconds. */
export function timeoutOption(): Option {
  return new Option('--timeout <duration>', 'deadline of the whole command')
    .argParser(milliseconds)
    .default(60_000, '60s')
}

export function milliseconds(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined) throw new ExitError(1, `${JSON.stringify(text)} is not a duration such as 30s or 2m`)
  return ms
}
