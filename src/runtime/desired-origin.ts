import type { RunSettings } from '../config.ts'

/** Where desired state is read from: the API server as seen by a pod, as a kubeconfig says, or a mounted volume without any API. */
export type DesiredOrigin = 'pod' | 'kubeconfig' | 'volume'

type OriginSettings = Pick<
  RunSettings,
  'KUBERNETES_SERVICE_HOST' | 'SERVICE_ACCOUNT_DIR' | 'KUBECONFIG' | 'DESIRED_DIR'
>

/**
 * In a pod its service account, if one is mounted; else a kubeconfig that was named; else the volume, if it is there; and
 * last the kubeconfig that kubectl would find. A pod without token and volume is told what its token lacks.
 */
export async function desiredOrigin(
  settings: OriginSettings,
  exists: (path: string) => Promise<boolean>,
): Promise<DesiredOrigin> {
  const pod = settings.KUBERNETES_SERVICE_HOST !== undefined
  if (pod && (await exists(`${settings.SERVICE_ACCOUNT_DIR}/token`))) return 'pod'
  if (settings.KUBECONFIG !== undefined) return 'kubeconfig'
  if (await exists(settings.DESIRED_DIR)) return 'volume'
  return pod ? 'pod' : 'kubeconfig'
}
