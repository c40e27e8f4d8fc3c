import type { BareHttp } from './bare-http.ts'
import { inParallel } from '../../src/client/parallel.ts'

const chunk = 5_000
/** Bulk requests at a time. */
const lanes = 2

/** Writes `count` small documents (about 150 bytes) with the ids `0` and on, and refreshes. */
export async function writeDocuments(search: BareHttp, index: string, count: number): Promise<void> {
  const starts = Array.from({ length: Math.ceil(count / chunk) }, (_, each) => each * chunk)
  await inParallel(starts, lanes, async (from) => {
    const answer = await search.must(
      'POST',
      `/${index}/_bulk?filter_path=errors`,
      bulk(from, Math.min(count, from + chunk)),
    )
    if ((answer as { readonly errors: boolean }).errors)
      throw new Error(`a bulk request into ${index} had errors`)
  })
  await search.must('POST', `/${index}/_refresh`)
}

function bulk(from: number, to: number): string {
  const lines: string[] = []
  for (let id = from; id < to; id += 1) {
    const document = {
      user: `user-${id % 997}`,
      message: `event number ${id} of a small document`,
      amount: (id * 7_919) % 100_003,
      at: 1_700_000_000_000 + id * 1_000,
      tags: [`tag-${id % 13}`],
    }
    lines.push(`{"index":{"_id":"${id}"}}`, JSON.stringify(document))
  }
  return `${lines.join('\n')}\n`
}

/** How many there are, after a refresh. */
export async function countDocuments(search: BareHttp, index: string): Promise<number> {
  await search.must('POST', `/${index}/_refresh`)
  const { count } = (await search.must('GET', `/${index}/_count`)) as { readonly count: number }
  return count
}
