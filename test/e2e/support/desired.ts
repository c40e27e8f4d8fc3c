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

/** The shipped operator of dev with so many replicas of Kafka’s reconciler, and of an image with this tag. */
export async function operatorWith(replicas: number, tag?: string): Promise<string> {
  const shipped = (await readFile(projectFile(operatorPath), 'utf8')).trimEnd()
  const image = tag === undefined ? '' : `images:\n  - name: infometis\n    newTag: ${tag}\n`
  return `${shipped}\nreplicas:\n  - name: infometis-kafka\n    count: ${replicas}\n${image}`
}
