import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readSettings } from '../config.ts'
import { isHeld } from '../stack/claim.ts'
import { readRecord } from '../stack/stack-record.ts'
import { stackPlaces, stackSettings } from '../stack/settings.ts'
import { type Context, line } from './context.ts'

/** What would point a command at something of the user's own. */
const pointers = ['KUBECONFIG', 'KUBERNETES_SERVICE_HOST']

/**
 * The context with the settings of the local stack in its environment, where one runs and nothing points elsewhere: neither a
 * setting that the stack would give, nor a kubeconfig at its usual place. Says so on stderr.
 */
export async function withLocalStack<C extends Pick<Context, 'env' | 'err'>>(context: C): Promise<C> {
  const { env, err } = context
  const isSet = (name: string) => (env[name] ?? '') !== ''
  if (pointers.some(isSet) || existsSync(join(env['HOME'] ?? '/', '.kube', 'config'))) return context
  const record = await readRecord(stackPlaces(readSettings(stackSettings, env)).runDirectory)
  const given = record?.environment
  if (record === undefined || given === undefined || Object.keys(given).some(isSet)) return context
  if (!(await isHeld(record))) return context
  line(err, 'Using the local stack of `infometis up`.')
  return { ...context, env: { ...env, ...given } }
}
