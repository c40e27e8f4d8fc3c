import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { libraries } from './home.ts'

/** The same for making an archive of classes and for using it: it depends on the collector. */
export function jvmArguments({ heap }: { readonly heap: number }): readonly string[] {
  return [
    `-Xmx${heap}m`,
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-XX:-UsePerfData',
    '-XX:+ExitOnOutOfMemoryError',
    '--enable-native-access=ALL-UNNAMED',
  ]
}

/** Every jar by name: an archive of classes asks for the same order. */
export async function classPath(home: string): Promise<string> {
  const jars = (await readdir(libraries(home))).sort()
  return jars.map((jar) => join(libraries(home), jar)).join(':')
}

/** What NiFi is told on its command line; it runs in the node's directory. `management` is the port on which it can be asked to end. */
export function nifiArguments(management: number): readonly string[] {
  return [
    '-Djava.awt.headless=true',
    '-Djava.io.tmpdir=./tmp',
    '-Dorg.apache.nifi.bootstrap.config.log.dir=./logs',
    `-Dorg.apache.nifi.management.server.address=127.0.0.1:${management}`,
    '-Dnifi.properties.file.path=./conf/nifi.properties',
    '-Dlogback.configurationFile=./conf/logback.xml',
  ]
}
