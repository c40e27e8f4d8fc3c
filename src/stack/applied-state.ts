import { join } from 'node:path'
import type { Say } from './cache.ts'
import type { RunningKubeApi } from './kube-api.ts'
import { projectFile } from './project.ts'
import type { StackPlaces } from './settings.ts'

export interface AppliedState {
  readonly places: StackPlaces
  readonly namespace: string
  readonly services: readonly string[]
  readonly signal: AbortSignal
}

/** The namespace, the very Roles that `deploy/` ships, and desired state as `kubectl apply -k` brings it from Git. */
export async function applyState(api: RunningKubeApi, state: AppliedState, say: Say): Promise<void> {
  const { namespace, services, signal } = state
  const server = ['apply', '--server-side', '--field-manager=infometis-up', '--namespace', namespace]
  const apply = async (args: readonly string[], stdin?: string): Promise<string> =>
    api.kubectl([...server, ...args], stdin, signal)
  await apply(
    ['-f', '-'],
    JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }),
  )
  for (const service of services) {
    say(`deploy/${service}`)
    await apply(['-k', projectFile('deploy', service)])
    await writeAccount(service, api, state)
    say(`environments/dev/desired/${service}`)
    await apply(['-k', projectFile('environments', 'dev', 'desired', service)])
  }
}

/** The service account of a service's reconciler, as a directory that a pod would find mounted; with a fresh token each time. */
export async function writeAccount(
  service: string,
  api: RunningKubeApi,
  state: Omit<AppliedState, 'services' | 'signal'>,
): Promise<void> {
  await api.writeServiceAccount(state.namespace, accountOf(service), accountDirectory(service, state))
}

export function accountDirectory(service: string, { places }: Pick<AppliedState, 'places'>): string {
  return join(places.runDirectory, 'service-accounts', accountOf(service))
}

/** As `deploy/<service>` names everything of a reconciler. */
function accountOf(service: string): string {
  return `infometis-${service}`
}
