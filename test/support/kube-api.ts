import { join } from 'node:path'
import { startKubeApi as start, type KubeApiOptions, type RunningKubeApi } from '../../src/stack/kube-api.ts'
import { inOwnDirectory } from './own-directory.ts'

export type { RunningKubeApi } from '../../src/stack/kube-api.ts'

export interface TestKubeApi extends RunningKubeApi {
  /** A namespace that exists from now on. */
  namespace(name: string): Promise<string>
  /**
   * A service account that exists from now on (without any right, unless one is bound to it), as a SERVICE_ACCOUNT_DIR with
   * token, ca.crt and namespace. Calling it again renews the token in the same directory.
   */
  serviceAccountDir(namespace: string, name: string, tokenLifetime?: string): Promise<string>
}

export type TestKubeApiOptions = Omit<KubeApiOptions, 'directory' | 'places' | 'launch'>

/** A real Kubernetes API in a directory of its own; `stop` also removes the directory. It dies with the test that started it. */
export async function startKubeApi(options: TestKubeApiOptions = {}): Promise<TestKubeApi> {
  return inOwnDirectory('kube', async (surroundings, clean) => {
    const api = await start({ ...surroundings, ...options })
    const ensure = async (manifest: object): Promise<unknown> =>
      api.kubectl(['apply', '-f', '-'], JSON.stringify(manifest))
    return {
      ...api,
      namespace: async (name) => {
        await ensure({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
        return name
      },
      serviceAccountDir: async (namespace, name, tokenLifetime) => {
        await ensure({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } })
        const target = join(surroundings.directory, 'service-accounts', namespace, name)
        await api.writeServiceAccount(namespace, name, target, tokenLifetime)
        return target
      },
      stop: async () => {
        await api.stop()
        await clean()
      },
    }
  })
}
