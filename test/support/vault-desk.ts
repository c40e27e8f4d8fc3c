import { z } from 'zod'
import type { Change, Json, Resource } from '../../src/core/resource.ts'
import type { ResourceType, SecretReference } from '../../src/reconcile/resource-type.ts'
import type { Outcome, ServerInfo, ServiceClient } from '../../src/reconcile/service-client.ts'
import { ServiceReconciler } from '../../src/reconcile/service-reconciler.ts'
import { Desk } from './desk.ts'

/** A safe of the vault: what is written of it, and from which Secrets its codes come. */
export interface Safe extends Resource {
  readonly references: readonly SecretReference[]
}

const code = z.object({
  secret: z.object({ name: z.string(), key: z.string() }),
  url: z.string().optional(),
})
const safe = z.record(z.string(), z.union([z.string(), code]))

export const safes: ResourceType<Safe> = {
  name: 'safes',
  entryName: z.string(),
  schema: safe,
  normalize(name, written) {
    const entries = Object.entries(safe.parse(written))
    const references = entries.flatMap(([path, value]) =>
      typeof value === 'string'
        ? []
        : [{ path, secret: value.secret, ...(value.url === undefined ? {} : { url: value.url }) }],
    )
    const fields = entries.map(([path, value]) => [path, typeof value === 'string' ? value : null] as const)
    return { type: 'safes', name, fields: new Map<string, Json>(fields), references }
  },
  toWritten: () => undefined,
  rules: [],
  secrets: ({ references }) => references,
}

/** What a safe was last given: fields as it shows them again, and the values that it got. */
interface Kept {
  readonly fields: ReadonlyMap<string, Json>
  readonly codes: ReadonlyMap<string, string | undefined>
}

export class Vault {
  readonly safes = new Map<string, Kept>()
}

/** A service that never shows a value again, and keeps beside it the fingerprint that came with it. */
export class VaultClient implements ServiceClient<Safe> {
  readonly #vault: Vault

  constructor(vault: Vault) {
    this.#vault = vault
  }

  async ping(): Promise<ServerInfo> {
    return { version: '1', clusterId: 'vault' }
  }

  async list(): Promise<readonly string[]> {
    return [...this.#vault.safes.keys()]
  }

  async observe(_type: string, names: readonly string[]): Promise<readonly Safe[]> {
    return names.flatMap((name) => {
      const kept = this.#vault.safes.get(name)
      return kept === undefined ? [] : [{ type: 'safes', name, fields: kept.fields, references: [] }]
    })
  }

  async apply(changes: readonly Change<Safe>[]): Promise<readonly Outcome[]> {
    return changes.map(({ name, action, desired }) => {
      if (action === 'delete' || desired === undefined) this.#vault.safes.delete(name)
      else {
        const codes = desired.references.map(({ path }) => [path, desired.secrets?.reveal(path)] as const)
        this.#vault.safes.set(name, { fields: desired.fields, codes: new Map(codes) })
      }
      return { state: 'done' }
    })
  }

  async close(): Promise<void> {}
}

class VaultReconciler extends ServiceReconciler<Safe> {
  readonly kind = 'vault'
  readonly types = [safes]
  readonly settings = z.unknown()
  readonly #vault: Vault

  constructor(vault: Vault) {
    super()
    this.#vault = vault
  }

  connect(): VaultClient {
    return new VaultClient(this.#vault)
  }
}

/** A service whose documents take values from Secrets, at a desk of its own. */
export class VaultDesk extends Desk<Safe> {
  readonly vault: Vault

  constructor(vault = new Vault()) {
    super(new VaultReconciler(vault), () => new VaultClient(vault))
    this.vault = vault
  }
}

/** The value of a field that comes from a Secret; `url`: where the service sends it. */
export function from(name: string, key: string, url?: string): object {
  return { secret: { name, key }, ...(url === undefined ? {} : { url }) }
}
