/**
 * How far a copy is, as far as that is sure: kept on the server as the `index_routing` of an alias, so that whoever comes after a
 * crash goes on from there. Losing it costs a pass from the beginning, nothing else.
 */
export interface Progress {
  /** Which histories of the shards of both indices it speaks of: a shard that lost its own has other sequence numbers. */
  readonly history: string
  /** By shard of the source: every operation up to this sequence number is in the target. Undefined: not one pass has ended. */
  readonly reached: readonly number[] | undefined
  /** A pass that the server works on: what is reached when its task has ended well. */
  readonly running: { readonly aim: readonly number[]; readonly task: string } | undefined
}

/** One line without a comma, which the server would take for two routings. */
export function formatProgress({ history, reached, running }: Progress): string {
  const words = [`history=${history}`, `reached=${reached?.join('/') ?? ''}`]
  if (running !== undefined) words.push(`aim=${running.aim.join('/')}`, `task=${running.task}`)
  return words.join(' ')
}

/** Undefined for what is no such line. */
export function parseProgress(text: string): Progress | undefined {
  const words = new Map(text.split(' ').map((word) => splitAtEquals(word)))
  const history = words.get('history')
  if (history === undefined) return undefined
  const [aim, task] = [numbers(words.get('aim')), words.get('task') ?? '']
  return {
    history,
    reached: numbers(words.get('reached')),
    running: aim === undefined || task === '' ? undefined : { aim, task },
  }
}

function splitAtEquals(word: string): readonly [string, string] {
  const end = word.indexOf('=')
  return end < 0 ? [word, ''] : [word.slice(0, end), word.slice(end + 1)]
}

function numbers(text = ''): readonly number[] | undefined {
  const found = text === '' ? [] : text.split('/').map(Number)
  return found.length > 0 && found.every(Number.isSafeInteger) ? found : undefined
}
