import { projectFile } from '../../../src/stack/project.ts'
import type { JavaNeed } from '../../../src/stack/java.ts'

/** The last version whose framework is published in parts that a machine can be set up from. */
export const nifiVersion = '2.3.0'

/** A JDK: its jar program packs what an installation needs. */
export const nifiJava: JavaNeed = { what: `NiFi ${nifiVersion}`, oldest: 21, jdk: true }

/** What belongs to the version in this checkout: poms, locks, a manifest. */
export function versionFile(...parts: readonly string[]): string {
  return stackFile(nifiVersion, ...parts)
}

export function stackFile(...parts: readonly string[]): string {
  return projectFile('reconcilers', 'nifi', 'stack', ...parts)
}
