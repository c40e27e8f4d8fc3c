import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { installKafka, versionFile } from '../../../reconcilers/kafka/stack/install.ts'
import { mainClass } from '../../../reconcilers/kafka/stack/tools.ts'
import { sha256 } from '../../../src/core/canonical.ts'
import type { InstallOptions } from '../../../src/stack/cache.ts'
import { lockKey } from '../../../src/stack/maven.ts'
import { debianLayer, usualPath, withUser } from './debian.ts'
import type { ImageFile } from './image-archive.ts'
import { imageOfFiles } from './image-of-files.ts'
import { javaHome, javaLayer } from './java.ts'
import type { Content, Contents } from './layer.ts'

const version = '4.3.1'
const home = '/opt/kafka'

/** Those of Kafka's own programs that somebody runs in the pod. */
const tools = [
  'kafka-broker-api-versions',
  'kafka-cluster',
  'kafka-configs',
  'kafka-console-consumer',
  'kafka-console-producer',
  'kafka-consumer-groups',
  'kafka-get-offsets',
  'kafka-leader-election',
  'kafka-log-dirs',
  'kafka-metadata-quorum',
  'kafka-reassign-partitions',
  'kafka-storage',
  'kafka-topics',
]
const scripts = ['kafka-run-class.sh', 'kafka-server-start.sh']
const user = { name: 'appuser', id: 1000, home: '/home/appuser' }

/** Stands for apache/kafka: the same paths, user and scripts, as far as deploy/services/kafka uses them. */
export async function kafkaImage(options: InstallOptions): Promise<ImageFile> {
  const [base, java] = [await debianLayer(options), await javaLayer(options)]
  const texts = new Map(
    await Promise.all(
      scripts.map(
        async (name) => [name, await readFile(join(import.meta.dirname, 'kafka', name), 'utf8')] as const,
      ),
    ),
  )
  const small = new Map<string, Content>([
    ...[...texts].map(([name, text]) => [`${home}/bin/${name}`, { text, mode: 0o755 }] as const),
    ...tools.map((tool) => [`${home}/bin/${tool}.sh`, { text: toolScript(tool), mode: 0o755 }] as const),
    [`${home}/config/log4j2.properties`, { text: logging('info') }],
    [`${home}/config/tools-log4j2.properties`, { text: logging('warn') }],
    [`${home}/logs`, { directory: true, owner: user.id }],
    ['/var/lib/kafka/data', { directory: true, owner: user.id }],
    [user.home, { directory: true, owner: user.id }],
    ...withUser(user),
  ])
  const files = async (): Promise<Contents> => {
    const jars = await installKafka(version, options)
    return new Map([[`${home}/libs`, { from: jars }], ...small])
  }
  return imageOfFiles(
    {
      name: `apache/kafka:${version}`,
      base: [base, java],
      files,
      key: (await lockKey(versionFile(version))) + sha256(JSON.stringify([...small])),
      config: {
        User: user.name,
        Env: [`${usualPath}:${javaHome}/bin`, `JAVA_HOME=${javaHome}`],
        Cmd: [`${home}/bin/kafka-server-start.sh`, `${home}/config/server.properties`],
      },
    },
    options,
  )
}

function toolScript(tool: string): string {
  return `#!/bin/bash\nexec ${home}/bin/kafka-run-class.sh ${mainClass(tool, version)} "$@"\n`
}

function logging(level: string): string {
  return [
    'appender.console.type = Console',
    'appender.console.name = console',
    `appender.console.target = ${level === 'warn' ? 'SYSTEM_ERR' : 'SYSTEM_OUT'}`,
    'appender.console.layout.type = PatternLayout',
    'appender.console.layout.pattern = [%d] %p %m (%c)%n',
    `rootLogger.level = ${level}`,
    'rootLogger.appenderRef.console.ref = console',
    '',
  ].join('\n')
}
