import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { listAt, textAt } from '../../src/core/members.ts'
import { projectFile } from '../../src/stack/project.ts'

/** One data key of a ConfigMap of environments/base/desired/grafana. */
async function dataOf(file: string, key: string): Promise<string> {
  const text = await readFile(projectFile('environments', 'base', 'desired', 'grafana', file), 'utf8')
  return textAt(parse(text), 'data', key)
}

/** The entries of a document of it. */
export async function grafanaDocument(type: string): Promise<Readonly<Record<string, unknown>>> {
  return parse(await dataOf(`${type}.yaml`, `${type}.yaml`)) as Readonly<Record<string, unknown>>
}

/** The dashboards of it, by uid. */
export async function grafanaDashboards(): Promise<ReadonlyMap<string, unknown>> {
  const entries = Object.entries(await grafanaDocument('dashboards'))
  const read = async ([uid, entry]: [string, unknown]) => {
    const definition = await dataOf('dashboards.yaml', textAt(entry, 'definition', 'key'))
    return [uid, JSON.parse(definition)] as const
  }
  return new Map(await Promise.all(entries.map(read)))
}

/** A query of a panel, of a variable or of a rule, with the words by which it is found. */
export interface BoardQuery {
  readonly title: string
  readonly expr: string
}

/** What people choose in a dashboard, put in its place: everything, over the last minute. */
export function filledIn(expr: string): string {
  return expr
    .replaceAll('$__rate_interval', '1m')
    .replaceAll('$__range', '1m')
    .replaceAll(/\$(namespace|component|flow)\b/g, '.*')
}

/** Every query of every panel: `infometis: Memory A`. */
export function panelQueries(boards: ReadonlyMap<string, unknown>): readonly BoardQuery[] {
  return [...boards].flatMap(([uid, board]) =>
    listAt(board, 'panels').flatMap((panel) =>
      listAt(panel, 'targets').map((target) => ({
        title: `${uid}: ${textAt(panel, 'title')} ${textAt(target, 'refId')}`,
        expr: filledIn(textAt(target, 'expr')),
      })),
    ),
  )
}
