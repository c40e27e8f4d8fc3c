import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { serverArguments } from './server-arguments.ts'
import type { ElasticsearchVersion } from './versions.ts'

/** What starts a node: everything it writes is below `directory`, its home is only read. */
export interface NodeFacts {
  readonly version: ElasticsearchVersion
  readonly java: string
  readonly home: string
  /** The home of an 8.19, which has the C libraries that no jar brings. */
  readonly libraries: string
  readonly directory: string
  /** Below `directory`, and there already. */
  readonly config: string
  /** The heap, in MB. */
  readonly heap: number
  readonly settings: Readonly<Record<string, string>>
}

/** How to run it, as ChildSpec wants it. */
export interface NodeCommand {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly stdin?: string
}

/** Writes the configuration of a node and says how to start it. */
export async function nodeCommand(facts: NodeFacts): Promise<NodeCommand> {
  const { directory, config, java } = facts
  const temporary = join(directory, 'tmp')
  for (const each of [temporary, join(directory, 'data'), join(directory, 'logs')])
    await mkdir(each, { recursive: true })
  const settings = {
    ...facts.settings,
    'path.home': facts.home,
    'path.data': join(directory, 'data'),
    'path.logs': join(directory, 'logs'),
  }
  const env = { ES_TMPDIR: temporary, LIBFFI_TMPDIR: temporary }
  const jvm = [
    `-Xms${facts.heap}m`,
    `-Xmx${facts.heap}m`,
    '-XX:TieredStopAtLevel=1',
    '-XX:-UsePerfData',
    '-XX:+ExitOnOutOfMemoryError',
    '-Xss1m',
    '-Djava.awt.headless=true',
    '-Dfile.encoding=UTF-8',
    '-Djna.nosys=true',
    '-Dio.netty.noUnsafe=true',
    '-Dio.netty.noKeySetOptimization=true',
    '-Dlog4j.shutdownHookEnabled=false',
    '-Dlog4j2.disable.jmx=true',
    '-Des.distribution.type=zip',
    `-Des.path.home=${facts.home}`,
    `-Des.path.conf=${config}`,
    `-Djava.io.tmpdir=${temporary}`,
  ]
  const { args, stdin } = await mainOf[facts.version]({ ...facts, settings })
  return { command: java, args: [...jvm, ...args], env, ...(stdin === undefined ? {} : { stdin }) }
}

type Main = (facts: NodeFacts) => Promise<{ readonly args: readonly string[]; readonly stdin?: string }>

const mainClass = 'org.elasticsearch.bootstrap.Elasticsearch'

const mainOf: Readonly<Record<ElasticsearchVersion, Main>> = {
  '7.17.29': async ({ home, config, settings }) => {
    await writeYaml(config, settings)
    const locales = '-Djava.locale.providers=SPI,COMPAT'
    const args = [locales, '-Djava.security.manager=allow', '--add-opens=java.base/java.io=ALL-UNNAMED']
    return { args: [...args, '-cp', join(home, 'lib', '*'), mainClass] }
  },
  '8.19.21': async ({ home, directory, config, settings }) => {
    const stdin = join(directory, 'server-arguments')
    const facts = {
      settings,
      secureSettings: { 'keystore.seed': randomBytes(15).toString('hex') },
      configDirectory: config,
      logsDirectory: join(directory, 'logs'),
    }
    await writeFile(stdin, serverArguments(facts), { mode: 0o600 })
    return { args: [...entitlements(home), '-m', `org.elasticsearch.server/${mainClass}`], stdin }
  },
  '9.5.3': async ({ home, libraries, config, settings }) => {
    await writeYaml(config, settings)
    const native = [
      '-Dorg.elasticsearch.nativeaccess.enableVectorLibrary=false',
      `-Des.nativelibs.path=${join(libraries, 'lib', 'platform', platform())}`,
      '--add-modules=jdk.net',
      '--enable-native-access=ALL-UNNAMED',
    ]
    const classPath = [join(home, 'lib', '*'), join(home, 'launcher')].join(':')
    return { args: [...native, '-cp', classPath, 'Launch9', home, config] }
  },
}

/** As the server's own launcher gives them. */
function entitlements(home: string): readonly string[] {
  const bridge = join(home, 'lib', 'entitlement-bridge', 'elasticsearch-entitlement-bridge-8.19.21.jar')
  const exportedTo =
    'org.elasticsearch.entitlement,java.logging,java.net.http,java.naming,jdk.net,jdk.zipfs,jdk.management.agent'
  return [
    '-Djava.locale.providers=SPI,COMPAT',
    '-Dorg.apache.lucene.vectorization.upperJavaFeatureVersion=17',
    '-XX:+EnableDynamicAgentLoading',
    '-Djdk.attach.allowAttachSelf=true',
    `--patch-module=java.base=${bridge}`,
    `--add-exports=java.base/org.elasticsearch.entitlement.bridge=${exportedTo}`,
    '--module-path',
    join(home, 'lib'),
    '--add-modules=jdk.net,jdk.management.agent,ALL-MODULE-PATH',
  ]
}

function platform(): string {
  return process.arch === 'arm64' ? 'linux-aarch64' : 'linux-x64'
}

/** JSON texts are YAML, so that no value is read as a number or a tag. */
async function writeYaml(config: string, settings: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries(settings).map(
    ([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}\n`,
  )
  await writeFile(join(config, 'elasticsearch.yml'), lines.join(''), { mode: 0o600 })
}
