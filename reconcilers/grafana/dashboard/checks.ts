import { isMap } from '../../../src/core/canonical.ts'
import { own } from '../../../src/core/json.ts'
import { quote } from '../../../src/core/quote.ts'
import type { DashboardContent } from '../resource.ts'
import { signsOf } from './model.ts'

/** Where a dashboard is wrong, from its root. */
export interface Problem {
  readonly path: readonly string[]
  readonly message: string
}

/** Grafana: "Dashboard title cannot contain more than 5 000 characters". */
const longestTitle = 5_000

/** What Grafana would refuse, or take and be unable to show. */
export function checkContent(content: DashboardContent): readonly Problem[] {
  return [...titleProblems(content), ...modelProblems(content), ...shapeProblems(content)]
}

function titleProblems({ spec }: DashboardContent): readonly Problem[] {
  const title = own(spec, 'title')
  const path = ['title']
  if (title === undefined || title === null)
    return [{ path, message: 'is missing: every dashboard has a title' }]
  if (typeof title !== 'string') return [{ path, message: `must be a text; ${quote(title)} is not` }]
  if (title.trim() === '') return [{ path, message: 'must not be empty' }]
  const length = Array.from(title).length
  return length <= longestTitle
    ? []
    : [{ path, message: `has at most ${longestTitle} characters, this one has ${length}` }]
}

function modelProblems({ model, spec }: DashboardContent): readonly Problem[] {
  const [ours] = signsOf(model, spec)
  const mixed = signsOf(model === 'v2' ? 'classic' : 'v2', spec)
  return mixed.map((name) => ({ path: [name], message: mixedMessage(model, ours) }))
}

function mixedMessage(model: DashboardContent['model'], ours: string | undefined): string {
  const [here, others] = model === 'v2' ? ['version 2', 'classic'] : ['classic', 'version 2']
  const beside = ours === undefined ? '' : ` (it has ${quote(ours)})`
  return `belongs to ${others} dashboards, and this one is ${here}${beside}; export it again from one Grafana`
}

/** Lists and maps where Grafana expects them. */
function shapeProblems({ model, spec }: DashboardContent): readonly Problem[] {
  const of = (...names: readonly string[]) => names.flatMap((name) => entriesAt(spec, [name]))
  const tags = tagProblems(own(spec, 'tags'))
  if (model === 'v2')
    return [...tags, ...of('variables', 'annotations'), ...mapAt(spec, 'elements'), ...mapAt(spec, 'layout')]
  return [...tags, ...of('panels', 'rows'), ...inList(spec, 'templating'), ...inList(spec, 'annotations')]
}

function tagProblems(tags: unknown): readonly Problem[] {
  if (tags === undefined || tags === null) return []
  if (Array.isArray(tags) && tags.every((tag) => typeof tag === 'string')) return []
  return [{ path: ['tags'], message: `must be a list of texts; ${quote(tags)} is not` }]
}

function inList(spec: unknown, name: string): readonly Problem[] {
  const value = own(spec, name)
  if (value === undefined || value === null) return []
  if (typeof value !== 'object' || Array.isArray(value)) return [notMap([name], value)]
  return entriesAt(value, ['list']).map(({ path, message }) => ({ path: [name, ...path], message }))
}

/** A list of maps; of panels, those inside of them, too. */
function entriesAt(holder: unknown, path: readonly [string]): readonly Problem[] {
  const list = own(holder, path[0])
  if (list === undefined || list === null) return []
  if (!Array.isArray(list)) return [{ path, message: `must be a list; ${quote(list)} is not` }]
  return list.flatMap((each: unknown, index) => {
    const at = [...path, String(index)]
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return [notMap(at, each)]
    const inside = path[0] === 'panels' || path[0] === 'rows' ? entriesAt(each, ['panels']) : []
    return inside.map((problem) => ({ ...problem, path: [...at, ...problem.path] }))
  })
}

function mapAt(spec: DashboardContent['spec'], name: string): readonly Problem[] {
  const value = spec[name]
  return value === undefined || value === null || isMap(value) ? [] : [notMap([name], value)]
}

function notMap(path: readonly string[], value: unknown): Problem {
  return { path, message: `must be a map; ${quote(value)} is not` }
}
