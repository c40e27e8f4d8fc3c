import { readFile } from 'node:fs/promises'
import { projectFile } from '../../../src/stack/project.ts'

/** Paths in the repository of the desired documents that scenarios change. */
export const topicsPath = 'environments/dev/desired/kafka/topics.yaml'
export const indicesPath = 'environments/dev/desired/elasticsearch/indices.yaml'
export const operatorPath = 'environments/dev/stack/operator/kustomization.yaml'

/** A shipped file with more lines at its end: in both documents that is where further entries go. */
async function shippedWith(path: string, entries: Readonly<Record<string, string>>): Promise<string> {
  const lines = Object.entries(entries).map(([name, entry]) => `    ${name}: ${entry}\n`)
  return (await readFile(projectFile(path), 'utf8')).trimEnd() + '\n' + lines.join('')
}

/** The shipped topics and these. */
export async function topicsWith(entries: Readonly<Record<string, string>>): Promise<string> {
  return shippedWith(topicsPath, entries)
}

/** The shipped indices and these. */
export async function indicesWith(entries: Readonly<Record<string, string>>): Promise<string> {
  return shippedWith(indicesPath, entries)
}

/** The shipped operator with a patch of every Deployment of it, or with another tag of the image. */
export async function operatorWith(lines: string): Promise<string> {
  return (await readFile(projectFile(operatorPath), 'utf8')).trimEnd() + '\n' + lines
}
