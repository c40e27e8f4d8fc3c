import type { InstallOptions } from '../../../src/stack/cache.ts'
import { installed } from '../../../src/stack/cache.ts'
import { fetchWithMaven, lockKey } from '../../../src/stack/maven.ts'
import { projectFile } from '../../../src/stack/project.ts'

export type KafkaVersion = '4.3.1' | '3.9.2'

/** What belongs to a version in this checkout: its pom, its lock, its logging configuration. */
export function versionFile(version: KafkaVersion, ...parts: readonly string[]): string {
  return projectFile('reconcilers', 'kafka', 'stack', version, ...parts)
}

/** Installs a Kafka with its command-line tools; returns the directory of its jars, every one checked against files.sha256. */
export async function installKafka(version: KafkaVersion, options: InstallOptions): Promise<string> {
  const { places, signal, say } = options
  const source = versionFile(version)
  const name = `kafka-${version}-${await lockKey(source)}`
  return installed({ cache: places.cache, name, signal, say }, async (directory) => {
    say?.(`downloading Kafka ${version} with Maven, about 45 MB`)
    await fetchWithMaven({ what: 'Kafka', source }, directory, options)
  })
}
