import { copyFile, mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CertificateFiles } from './certificates.ts'
import { runOrThrow } from './command.ts'

/** Runs kubectl and returns its stdout. Throws StackFailed with its words when it fails. */
export type Kubectl = (args: readonly string[], stdin?: string, signal?: AbortSignal) => Promise<string>

export interface KubectlSpec {
  readonly binary: string
  readonly kubeconfig: string
  readonly path: string
  /** Where it keeps what it discovered of the API; the user's own is left alone. */
  readonly home: string
}

/** kubectl as the user that the kubeconfig names. */
export function kubectlFor(spec: KubectlSpec): Kubectl {
  const env = { PATH: spec.path, HOME: spec.home, KUBECONFIG: spec.kubeconfig }
  return async (args, stdin, signal) =>
    runOrThrow(spec.binary, args, {
      env,
      deadlineMs: 60_000,
      signal,
      ...(stdin === undefined ? {} : { stdin }),
    })
}

/** A kubeconfig with a client certificate; only paths are in it. */
export async function writeKubeconfig(
  file: string,
  url: string,
  authority: string,
  user: CertificateFiles,
  namespace = 'default',
): Promise<void> {
  const name = 'infometis'
  const cluster = { server: url, 'certificate-authority': authority }
  const credentials = { 'client-certificate': user.certificate, 'client-key': user.key }
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster }],
    users: [{ name, user: credentials }],
    contexts: [{ name, context: { cluster: name, user: name, namespace } }],
    'current-context': name,
  }
  await writeFile(file, `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o600 })
}

export interface ServiceAccountFiles {
  readonly namespace: string
  readonly name: string
  readonly directory: string
  /** The CA certificate to copy. */
  readonly authority: string
  /** How long the token is good for, in Go's duration syntax. */
  readonly tokenLifetime: string
}

/** Writes token, ca.crt and namespace as a pod finds them, with a token by TokenRequest. A reader sees the old token or the new, never half. */
export async function writeServiceAccount(
  kubectl: Kubectl,
  files: ServiceAccountFiles,
  signal?: AbortSignal,
): Promise<void> {
  const request = [
    'create',
    'token',
    files.name,
    '--namespace',
    files.namespace,
    `--duration=${files.tokenLifetime}`,
  ]
  const token = await kubectl(request, undefined, signal)
  await mkdir(files.directory, { recursive: true, mode: 0o700 })
  await copyFile(files.authority, join(files.directory, 'ca.crt'))
  await writeFile(join(files.directory, 'namespace'), files.namespace)
  const fresh = join(files.directory, '.token.new')
  await writeFile(fresh, token.trim(), { mode: 0o600 })
  await rename(fresh, join(files.directory, 'token'))
}
