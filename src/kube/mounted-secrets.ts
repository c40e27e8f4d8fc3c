import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { NotUsable, Secret, SecretSource } from '../reconcile/secrets.ts'
import { readMounted } from './mounted-files.ts'

/**
 * Secrets as directories of a mounted volume, where there is no API access: `<directory>/<Secret>/<key>`. Whoever mounts one here lets
 * this component use it, so nothing is asked of annotations. The key of fingerprints lives as long as the process, as the state beside
 * it does.
 */
export class MountedSecrets implements SecretSource {
  readonly #directory: string | undefined
  readonly #usableBy: ReadonlySet<string>
  readonly #key = randomBytes(32)

  constructor(directory: string | undefined, component: string) {
    this.#directory = directory
    this.#usableBy = new Set([component])
  }

  async read(_namespace: string, name: string): Promise<Secret | NotUsable> {
    if (this.#directory === undefined)
      return { problem: `the Secret ${name} cannot be read: SECRETS_DIR names no directory of Secrets` }
    const directory = join(this.#directory, name)
    const data = (await readMounted(directory))?.get('')
    if (data === undefined) return { problem: `there is no Secret ${name}: ${directory} does not exist` }
    return { usableBy: this.#usableBy, allowedUrls: 'any', data }
  }

  async fingerprintKey(): Promise<Uint8Array> {
    return this.#key
  }
}
