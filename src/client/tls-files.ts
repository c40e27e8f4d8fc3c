import { sha256 } from '../core/canonical.ts'
import { readMountedFile } from './mounted-file.ts'
import type { HttpTls } from './http-way.ts'

/** The TLS files that settings name, as they are now. Throws InvalidConfiguration, naming the setting and the file. */
export async function readTlsFiles(
  prefix: string,
  paths: {
    readonly ca: string | undefined
    readonly cert: string | undefined
    readonly key: string | undefined
  },
): Promise<HttpTls> {
  const read = async (name: 'ca' | 'cert' | 'key') =>
    readMountedFile(`${prefix}_${name.toUpperCase()}_FILE`, paths[name], 'InvalidConfiguration')
  const [ca, cert, key] = await Promise.all([read('ca'), read('cert'), read('key')])
  const text = JSON.stringify([ca, cert, key])
  return {
    tls: {
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
    },
    fingerprint: sha256(text),
  }
}
