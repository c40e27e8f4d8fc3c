import type { BareHttp } from '../bare-http.ts'
import type { Bench } from '../bench.ts'
import type { Component } from '../component.ts'
import { desired } from '../desired.ts'
import { indexBody, indicesDocument } from '../indices.ts'
import { ratioOf, sayRatio, sayRuns, saySpread, type Row } from '../row.ts'
import { namesOf } from '../specimen.ts'
import { spreadOf } from '../statistics.ts'
import { inTurn, timed } from '../waiting.ts'

const deadlineMs = 900_000

/** Create 1,000 indices in one ConfigMap. */
export async function indexCreate(bench: Bench): Promise<readonly Row[]> {
  const component = await bench.elasticsearch()
  const search = bench.http(component.url)
  const count = bench.pick({ quick: 200, default: 1_000, full: 1_000 })
  const [ours, bare]: [number[], number[]] = [[], []]
  await bareRun(search, namesOf('warm', 50))
  for (let run = 0; run < bench.pick({ quick: 1, default: 2, full: 3 }); run += 1) {
    await inTurn(
      run,
      async () => bare.push(await bareRun(search, namesOf(`bare-${run}`, count))),
      async () => ours.push(await ourRun(bench, component, search, namesOf(`ours-${run}`, count))),
    )
  }
  return [row(count, ours, bare)]
}

async function bareRun(search: BareHttp, names: readonly string[]): Promise<number> {
  const ms = await timed(async () => {
    for (const name of names) await search.must('PUT', `/${name}`, indexBody())
  })
  await remove(search, names)
  return ms
}

async function ourRun(
  bench: Bench,
  component: Component,
  search: BareHttp,
  names: readonly string[],
): Promise<number> {
  const namespace = await bench.namespace(component)
  const view = await bench.view(namespace)
  const reconciler = await bench.reconciler({ namespace, component })
  const object = desired('indices', indicesDocument(new Map(names.map((name) => [name, {}]))))
  const ms = await timed(async () => {
    await bench.desk.create(namespace, object)
    await view.until('the indices to be ready', () => view.ready('indices') === 'True', deadlineMs)
  })
  await reconciler.stop()
  view.close()
  await remove(search, names)
  return ms
}

/** Throws where one of them is missing: then there was nothing to measure. */
async function remove(search: BareHttp, names: readonly string[]): Promise<void> {
  for (let from = 0; from < names.length; from += 50) {
    await search.must('DELETE', `/${names.slice(from, from + 50).join(',')}`)
  }
}

function row(count: number, ours: readonly number[], bare: readonly number[]): Row {
  const rate = (spreadOf(ours).median / count).toFixed(1)
  return {
    what: `create ${count.toLocaleString('en')} indices, one ConfigMap, status written`,
    measured: `${saySpread(ours, 's')}, ${rate} ms each`,
    bare: saySpread(bare, 's'),
    ratio: sayRatio(ours, bare),
    target: '≤ 1.5 × bare',
    met: ratioOf(ours, bare) <= 1.5,
    how: `${sayRuns(ours)}; one shard and five fields each. From sending the ConfigMap until its status is Ready. Bare: a PUT of each, one after the other on one connection.`,
  }
}
