import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { libraries } from './install.ts'

export interface NodeCommandFacts {
  readonly java: string
  readonly home: string
  /** MB. */
  readonly heap: number
  /** Where NiFi lets itself be asked for its health and be ended: a port that two nodes would share otherwise. */
  readonly managementPort: number
}

/** How to run a node, as ChildSpec wants it: in its directory, below which everything is that it writes. */
export async function nodeCommand(facts: NodeCommandFacts): Promise<{
  readonly command: string
  readonly args: readonly string[]
}> {
  const jars = (await readdir(libraries(facts.home))).sort().map((jar) => join(libraries(facts.home), jar))
  const args = [
    `-Xmx${facts.heap}m`,
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-XX:-UsePerfData',
    '-XX:+ExitOnOutOfMemoryError',
    '--enable-native-access=ALL-UNNAMED',
    '-Djava.awt.headless=true',
    '-Djava.io.tmpdir=./tmp',
    '-Dorg.apache.nifi.bootstrap.config.log.dir=./logs',
    `-Dorg.apache.nifi.management.server.address=127.0.0.1:${facts.managementPort}`,
    '-Dnifi.properties.file.path=./conf/nifi.properties',
    '-Dlogback.configurationFile=./conf/logback.xml',
    '-cp',
    ['conf', ...jars].join(':'),
    'org.apache.nifi.NiFi',
  ]
  return { command: facts.java, args }
}
