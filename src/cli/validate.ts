import { ExitError } from '../errors.ts'
import { check } from './check.ts'
import { namespaceOf } from './cluster.ts'
import type { Context } from './context.ts'
import { line } from './context.ts'
import { readDesired } from './desired.ts'
import { nothingFound, showProblem } from './problem.ts'
import { plural } from './text.ts'
import { type EnvironmentsOptions, validateEnvironments } from './validate-environments.ts'

export interface DocumentsOptions extends Pick<Context, 'out' | 'err' | 'cwd' | 'input' | 'env' | 'signal'> {
  readonly file: readonly string[]
  readonly service?: string
}

export interface ValidateOptions
  extends Omit<DocumentsOptions, 'file'>, Omit<EnvironmentsOptions, 'directories'> {
  readonly file?: readonly string[]
  /** Environments, or folders that hold some. */
  readonly directories: readonly string[]
}

/** Checks without any network. Prints `file:line: path: sentence` for each problem; 0 when there is none, else 2. */
export async function validate(options: ValidateOptions): Promise<0 | 2> {
  const { file = [], directories } = options
  if (file.length === 0 && directories.length === 0)
    throw new ExitError(1, 'name a directory with environments, or desired documents with -f')
  if (file.length > 0 && options.output !== undefined)
    throw new ExitError(1, '-o json is for environments: leave -f out')
  const documents = file.length === 0 ? 0 : await validateDocuments({ ...options, file })
  const environments = directories.length === 0 ? 0 : await validateEnvironments({ ...options, directories })
  return documents === 0 && environments === 0 ? 0 : 2
}

async function validateDocuments(options: DocumentsOptions): Promise<0 | 2> {
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
