import { globSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** A file of the project: its path from the root, its text and what it imports. */
export interface SourceFile {
  readonly path: string
  readonly text: string
  /** Paths from the root. Type-only and dynamic imports count like others. */
  readonly imports: readonly string[]
  /** Names of packages and of Node's own modules. */
  readonly packages: readonly string[]
  readonly isTest: boolean
}

/** The folders of reconcilers, one for each service. */
export function serviceFolders(): readonly string[] {
  return readdirSync(join(root, 'reconcilers'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
}

/** Every TypeScript file of src, reconcilers and test. */
export function sourceFiles(): readonly SourceFile[] {
  return globSync('{src,reconcilers,test}/**/*.ts', { cwd: root }).sort().map(readSource)
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8')
  const names = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName)
  return {
    path,
    text,
    imports: names.filter((name) => name.startsWith('.')).map((name) => normalize(join(dirname(path), name))),
    packages: names.filter((name) => !name.startsWith('.')),
    isTest: path.startsWith('test/') || path.endsWith('.test.ts'),
  }
}

/** True when the code, not a comment or a text, speaks of `process.<property>`. */
export function speaksOfProcess({ path, text }: SourceFile, property: string): boolean {
  if (!text.includes(property)) return false
  let found = false
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && node.name.text === property)
      found ||= node.expression.getText() === 'process'
    if (!found) ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.ES2024, true))
  return found
}

/** Files that import each other in a ring, each ring as the path around it. */
export function cycles(files: readonly SourceFile[]): readonly (readonly string[])[] {
  const imports = new Map(files.map((file) => [file.path, file.imports]))
  const done = new Set<string>()
  const found: (readonly string[])[] = []
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start >= 0) found.push([...trail.slice(start), path])
    if (start >= 0 || done.has(path)) return
    for (const next of imports.get(path) ?? []) walk(next, [...trail, path])
    done.add(path)
  }
  for (const { path } of files) walk(path, [])
  return found
}
