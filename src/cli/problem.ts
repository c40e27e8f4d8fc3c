import type { Problem } from './manifests.ts'

/** `file:line: path: message`, without what is not known. */
export function showProblem({ file, line, path, message }: Problem): string {
  const place = line === undefined ? file : `${file}:${line}`
  return path === '' ? `${place}: ${message}` : `${place}: ${path}: ${message}`
}

/** Why there is nothing to say of files. */
export function nothingFound(files: readonly string[]): string {
  return `no desired document in ${files.join(', ')}: a ConfigMap needs the labels infometis.component and infometis.config-type`
}
