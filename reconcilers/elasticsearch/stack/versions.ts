import { projectFile } from '../../../src/stack/project.ts'
import type { JavaNeed } from '../../../src/stack/java.ts'

/** 8.19 is what the local stack runs, 7.17 is the one that can reindex, 9.5 is put together out of jars. */
export type ElasticsearchVersion = '7.17.29' | '8.19.21' | '9.5.3'

/** 7.17 and 8.19 need parts of Java that later releases lack; 9.5 calls C by what Java 22 brought and is run on 25. */
export const javaOf: Readonly<Record<ElasticsearchVersion, JavaNeed>> = {
  '7.17.29': { what: 'Elasticsearch 7.17', oldest: 17, newest: 22 },
  '8.19.21': { what: 'Elasticsearch 8.19', oldest: 17, newest: 22 },
  '9.5.3': { what: 'Elasticsearch 9.5', oldest: 25, jdk: true },
}

/** What belongs to a version in this checkout: poms, locks, descriptors. */
export function versionFile(version: ElasticsearchVersion, ...parts: readonly string[]): string {
  return stackFile(version, ...parts)
}

export function stackFile(...parts: readonly string[]): string {
  return projectFile('reconcilers', 'elasticsearch', 'stack', ...parts)
}
