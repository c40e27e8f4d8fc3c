import { ExitError } from '../errors.ts'
import { check } from './check.ts'
import { namespaceOf } from './cluster.ts'
import type { Context } from './context.ts'
import { line } from './context.ts'
import { readDesired } from './desired.ts'
import type { Problem } from './manifests.ts'
import { plural } from './text.ts'

export interface ValidateOptions extends Pick<Context, 'out' | 'err' | 'cwd' | 'input' | 'env' | 'signal'> {
  readonly file: readonly string[]
  readonly service?: string
}

/** Checks documents without any network. Prints `file:line: path: sentence` for each problem; 0 when there is none, else 2. */
export async function validate(options: ValidateOptions): Promise<0 | 2> {
  const desired = await readDesired({ ...options, namespace: namespaceOf(options.env) })
  const problems = [...desired.problems, ...check(desired.documents)]
  for (const problem of problems) line(options.out, showProblem(problem))
  if (problems.length === 0 && desired.documents.length === 0)
    throw new ExitError(1, nothingFound(options.file))
  const entries = desired.documents.reduce(
    (sum, { base, written }) => sum + (base ? 0 : (written.entries?.size ?? 0)),
    0,
  )
  const found = problems.length === 0 ? 'valid' : plural(problems.length, 'problem')
  line(
    options.err,
    `${plural(entries, 'entry', 'entries')} in ${plural(desired.documents.length, 'document')}: ${found}`,
  )
  return problems.length === 0 ? 0 : 2
}

export function showProblem({ file, line: at, path, message }: Problem): string {
  const place = at === undefined ? file : `${file}:${at}`
  return path === '' ? `${place}: ${message}` : `${place}: ${path}: ${message}`
}

export function nothingFound(files: readonly string[]): string {
  return `no desired document in ${files.join(', ')}: a ConfigMap needs the labels infometis.component and infometis.config-type`
}
