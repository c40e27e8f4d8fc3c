import { readSettings } from '../config.ts'
import { stackPlaces, stackSettings } from '../stack/settings.ts'
import { stopStack } from '../stack/stop-stack.ts'
import { type Context, line } from './context.ts'

export type DownOptions = Pick<Context, 'out' | 'env'>

/** Stops the local stack, what a killed `up` left behind included. 0: nothing of it runs any more. Throws when something does. */
export async function down({ out, env }: DownOptions): Promise<0> {
  const places = stackPlaces(readSettings(stackSettings, env))
  const ended = await stopStack(places.runDirectory)
  if (ended === undefined) line(out, 'No stack runs.')
  else
    line(
      out,
      ended.length === 0 ? 'Nothing of the stack was running any more.' : `Stopped: ${ended.join(', ')}.`,
    )
  return 0
}
