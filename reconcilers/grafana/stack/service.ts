import { join } from 'node:path'
import {
  type GivenSettings,
  type RunningService,
  simulatedAt,
  type StackService,
} from '../../../src/stack/services.ts'
import { startSimulated } from './simulated.ts'

const address = 'GRAFANA_URL'

/** The Grafana that the user's settings name, or its simulated API: Grafana itself cannot be put together from published parts. */
export const grafanaService: StackService = {
  addresses: (port, given) => ({ [address]: given?.[address] ?? `http://127.0.0.1:${port}` }),
  start: async (options) => {
    if (options.given !== undefined) return elsewhere(options.given)
    const simulated = await startSimulated({ ...options, directory: join(options.directory, 'grafana') })
    const { url, tokenFile } = simulated
    return {
      environment: { [address]: url, GRAFANA_TOKEN_FILE: tokenFile, [simulatedAt(address)]: url },
      servers: [simulated],
      address: `${url} (the simulated API, not Grafana)`,
      notice: `Grafana is simulated: ${url} is its API made up by InfoMetis, without pages, queries or alerts. For a real one set ${address} and GRAFANA_TOKEN_FILE before \`infometis up\`.`,
      stop: async () => simulated.stop(),
    }
  },
}

/** Nothing is started and nothing stopped: its reconciler gets every setting of the user's that is for Grafana. */
function elsewhere(given: GivenSettings): RunningService {
  const settings = Object.entries(given).flatMap(([name, value]) =>
    name.startsWith('GRAFANA_') && name !== simulatedAt(address) && value !== undefined
      ? [[name, value] as const]
      : [],
  )
  // What may be credentials is for its reconciler to refuse, and never shown.
  const shown = (given[address] ?? '').replace(/\/\/[^/]*@/, '//…@')
  return {
    environment: Object.fromEntries(settings),
    servers: [],
    address: `${shown} (as ${address} says)`,
    stop: async () => {
      // It is the user's.
    },
  }
}
