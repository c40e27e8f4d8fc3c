import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { readSettings } from '../config.ts'
import { compareEnvironments, examine } from '../environments/examine.ts'
import { Kustomize } from '../environments/kustomize.ts'
import { findEnvironments, type LoadedEnvironment, loadEnvironments } from '../environments/load.ts'
import { loadSchemas, type Schemas } from '../environments/schemas.ts'
import { stackPlaces, stackSettings } from '../stack/settings.ts'
import type { Context } from './context.ts'
import { json, line } from './context.ts'
import {
  type EnvironmentProblem,
  merged,
  problemOf,
  problemOfFault,
  shownFrom,
  uncheckedProblem,
} from './environment-problem.ts'
import { desiredOf } from './environment-desired.ts'
import { showProblem } from './problem.ts'
import { loadServices } from './services.ts'
import { plural } from './text.ts'
import type { ServiceReconciler } from '../reconcile/service-reconciler.ts'

export interface EnvironmentsOptions extends Pick<Context, 'out' | 'err' | 'cwd' | 'env' | 'signal'> {
  readonly directories: readonly string[]
  readonly service?: string
  /** True: a kind without a schema is a problem. */
  readonly strict?: boolean
  readonly output?: 'json'
}

/** What is said of one environment when all is done. */
interface Summary {
  readonly name: string
  readonly folder: string
  readonly objects: number
  readonly documents: number
  readonly entries: number
  readonly problems: number
  readonly notChecked: readonly string[]
}

/**
 * Renders environments and checks all that can be known of them without a network: schemas, desired documents, and the rules
 * of the border. 0 when there is nothing wrong, else 2.
 */
export async function validateEnvironments(options: EnvironmentsOptions): Promise<0 | 2> {
  const { cwd, env, signal, out, err } = options
  const found = await Promise.all(
    options.directories.map(async (each) => findEnvironments(resolve(cwd, each), each)),
  )
  const folders = [...new Set(found.flat())]
  const places = stackPlaces(readSettings(stackSettings, env))
  const [kustomize, schemas, services] = await Promise.all([
    Kustomize.find({ places, signal }),
    loadSchemas(),
    loadServices(),
  ])
  const loaded = await loadEnvironments(folders, kustomize, availableParallelism())
  const judged = loaded.map((each) => judge(each, schemas, services, options))
  const problems = merged([...judged.flatMap((each) => each.problems), ...across(loaded, cwd)])
  const summaries = loaded.map((each, index) => ({
    ...summaryOf(each, judged[index], cwd),
    problems: problems.filter(({ environments }) => environments.includes(each.name)).length,
  }))
  if (options.output === 'json')
    json(out, { valid: problems.length === 0, environments: summaries, problems })
  else for (const problem of problems) line(out, showProblem(problem))
  for (const summary of summaries) line(err, showSummary(summary))
  return problems.length === 0 ? 0 : 2
}

interface Judged {
  readonly problems: readonly EnvironmentProblem[]
  readonly documents: number
  readonly entries: number
  readonly notChecked: readonly string[]
}

function judge(
  loaded: LoadedEnvironment,
  schemas: Schemas,
  services: readonly ServiceReconciler[],
  { cwd, strict, service }: EnvironmentsOptions,
): Judged {
  const faults = loaded.faults.map((fault) => problemOfFault(fault, loaded, cwd))
  const { environment } = loaded
  if (environment === undefined) return { problems: faults, documents: 0, entries: 0, notChecked: [] }
  const { verdicts, unchecked } = examine(environment, schemas)
  const desired = desiredOf(loaded, environment, { services, cwd, service })
  const missing = strict === true ? unchecked.map((object) => uncheckedProblem(object, loaded, cwd)) : []
  const kinds = unchecked.map(({ manifest }) => `${manifest.apiVersion} ${manifest.kind}`)
  return {
    problems: [
      ...faults,
      ...verdicts.map(({ code, finding }) => problemOf(finding, code, loaded, cwd)),
      ...desired.problems,
      ...missing,
    ],
    documents: desired.documents,
    entries: desired.entries,
    notChecked: [...new Set(kinds)],
  }
}

function across(loaded: readonly LoadedEnvironment[], cwd: string): readonly EnvironmentProblem[] {
  const environments = loaded.flatMap(({ environment }) => environment ?? [])
  return compareEnvironments(environments).flatMap(({ code, environment, finding }) => {
    const of = loaded.find((each) => each.environment === environment)
    return of === undefined ? [] : [problemOf(finding, code, of, cwd)]
  })
}

function summaryOf(
  { name, folder, environment }: LoadedEnvironment,
  judged: Judged | undefined,
  cwd: string,
): Omit<Summary, 'problems'> {
  return {
    name,
    folder: shownFrom(cwd, folder),
    objects: (environment?.objects.length ?? 0) + (environment?.flux.length ?? 0),
    documents: judged?.documents ?? 0,
    entries: judged?.entries ?? 0,
    notChecked: judged?.notChecked ?? [],
  }
}

function showSummary({ folder, objects, documents, entries, problems, notChecked }: Summary): string {
  const found = problems === 0 ? 'valid' : plural(problems, 'problem')
  const what = `${plural(objects, 'object')}, ${plural(entries, 'entry', 'entries')} in ${plural(documents, 'document')}`
  const left = notChecked.length === 0 ? '' : ` (without a schema and not checked: ${notChecked.join(', ')})`
  return `${folder}: ${what}: ${found}${left}`
}
