import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { InstallOptions } from '../../../src/stack/cache.ts'
import { freePorts } from '../../../src/stack/port.ts'
import { type Server, server } from '../../../src/stack/server.ts'
import { unprivileged } from '../../../src/stack/unprivileged.ts'
import { type HttpAccess, serves } from '../../../src/stack/http.ts'
import { narDirectory } from './home.ts'
import { classPath, jvmArguments, nifiArguments } from './jvm.ts'
import { makeNodeDirectory, sensitiveKey, writeProperties } from './node-directory.ts'
import { nodeProperties } from './node-properties.ts'
import type { NifiSecurity } from './security.ts'

export interface NodeFacts {
  /** Everything of the node is below it. */
  readonly directory: string
  readonly java: string
  readonly home: string
  /** MB. */
  readonly heap: number
  readonly port?: number | undefined
  /** Added to the arguments of its Java. */
  readonly jvm: readonly string[]
  /** Added to its nifi.properties. */
  readonly settings?: Readonly<Record<string, string>> | undefined
  /** Added to its environment. */
  readonly neighbours?: Readonly<Record<string, string>> | undefined
}

export interface PreparedNode {
  readonly node: Server
  readonly access: HttpAccess
}

/** Makes everything that a node needs, up to its start. */
export async function prepareNode(
  facts: NodeFacts,
  security: NifiSecurity,
  { places, launch, signal }: InstallOptions,
): Promise<PreparedNode> {
  const { directory, java, home } = facts
  const [free = 0, management = 0] = await freePorts(2)
  const port = facts.port ?? free
  const own = join(directory, 'node')
  const logFile = join(own, 'logs', 'node.log')
  await makeNodeDirectory(own, home, security.files)
  const properties = nodeProperties({
    port,
    tls: security.ca !== undefined,
    sensitiveKey: await sensitiveKey(join(directory, 'secrets')),
    nars: narDirectory(home),
    more: { ...security.settings, ...facts.settings },
  })
  await writeProperties(own, properties)
  await writeFile(logFile, '', { flag: 'a' })
  const user = await unprivileged(places.path, signal)
  await user?.own(own)
  await user?.assertReads(narDirectory(home))

  const scheme = security.ca === undefined ? 'http' : 'https'
  const access = { url: `${scheme}://127.0.0.1:${port}/nifi-api`, ...security.access }
  const args = [...jvmArguments(facts), ...facts.jvm, ...nifiArguments(management)]
  const node = server({
    process: {
      name: 'nifi',
      command: java,
      args: [...args, '-cp', await classPath(home), 'org.apache.nifi.NiFi'],
      cwd: own,
      env: facts.neighbours ?? {},
      logFile,
      user,
    },
    ports: [port, management],
    launch,
    startDeadlineMs: 180_000,
    // Longer than it waits for its own processors.
    graceMs: 20_000,
    ready: () => async (asked) => serves(access, '/flow/about', asked),
  })
  return { node, access }
}
