import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readSettings } from '../config.ts'
import { isHeld } from '../stack/claim.ts'
import { readRecord } from '../stack/stack-record.ts'
import { stackPlaces, stackSettings } from '../stack/settings.ts'
import { absoluteFiles } from './absolute-files.ts'
import { type Context, line } from './context.ts'

const kubeconfig = 'KUBECONFIG'
/** What would point a command at something of the user's own. */
const pointers = [kubeconfig, 'KUBERNETES_SERVICE_HOST']

/**
 * The context with the settings of the local stack in its environment, where one runs and nothing points elsewhere: neither a
 * setting that the stack would give, nor a kubeconfig at its usual place. Says so on stderr, and what is to be known of the stack.
 */
export async function withLocalStack<C extends Pick<Context, 'env' | 'err'>>(context: C): Promise<C> {
  const { env, err } = context
  const isSet = (name: string) => (env[name] ?? '') !== ''
  const pointsElsewhere = pointers.some(isSet) || existsSync(join(env['HOME'] ?? '/', '.kube', 'config'))
  // Neither settings nor a word of a stack are for whoever works with another cluster.
  if (pointsElsewhere && !isSet(kubeconfig)) return context
  const running = await runningStack(env, pointsElsewhere)
  if (running === undefined) return context
  const { environment: given, notices } = running
  const tell = (): void => {
    for (const text of notices) line(err, text)
  }
  if (isSet(kubeconfig) && env[kubeconfig] === given[kubeconfig]) tell()
  if (pointsElsewhere) return context
  // What the user gave to the stack points at it, too.
  const own = absoluteFiles(env)
  if (Object.entries(given).some(([name, value]) => isSet(name) && own[name] !== value)) return context
  line(err, 'Using the local stack of `infometis up`.')
  tell()
  return { ...context, env: { ...env, ...given } }
}

interface RunningStack {
  readonly environment: Readonly<Record<string, string>>
  readonly notices: readonly string[]
}

/** Undefined where no stack runs. Who points elsewhere is not to be stopped by what is left of one that cannot be read. */
async function runningStack(
  env: Context['env'],
  pointsElsewhere: boolean,
): Promise<RunningStack | undefined> {
  const reading = readRecord(stackPlaces(readSettings(stackSettings, env)).runDirectory)
  const record = await (pointsElsewhere ? reading.catch(() => undefined) : reading)
  if (record?.environment === undefined || !(await isHeld(record))) return undefined
  return { environment: record.environment, notices: record.notices ?? [] }
}
