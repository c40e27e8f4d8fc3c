import type { NotUsable, Secret, SecretSource } from '../../src/reconcile/secrets.ts'

/** Secrets in memory, by `namespace/name`. All that is asked of it is counted. */
export class MemorySecrets implements SecretSource {
  readonly kept = new Map<string, Secret>()
  readonly reads: string[] = []
  /** Stands in for an API server that does not answer: thrown by every read. */
  outage: Error | undefined
  key: Uint8Array | NotUsable | 'unread' = Buffer.alloc(32, 7)

  /** `usableBy`: `kafka/topics`, or `kafka` for all its types. */
  write(
    name: string,
    usableBy: readonly string[],
    data: Readonly<Record<string, string | Uint8Array>>,
    {
      namespace = 'team',
      allowedUrls = [],
    }: { readonly namespace?: string; readonly allowedUrls?: readonly string[] } = {},
  ): void {
    const bytes = Object.entries(data).map(([key, value]) => [key, Buffer.from(value)] as const)
    this.kept.set(`${namespace}/${name}`, {
      usableBy: new Set(usableBy),
      allowedUrls: new Set(allowedUrls),
      data: new Map(bytes),
    })
  }

  async read(namespace: string, name: string): Promise<Secret | NotUsable> {
    this.reads.push(`${namespace}/${name}`)
    if (this.outage !== undefined) throw this.outage
    return (
      this.kept.get(`${namespace}/${name}`) ?? {
        problem: `there is no Secret ${name} in namespace ${namespace}`,
      }
    )
  }

  async fingerprintKey(): Promise<Uint8Array | NotUsable | 'unread'> {
    return this.key
  }
}
