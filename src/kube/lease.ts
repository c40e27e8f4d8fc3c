import { sha256 } from '../core/canonical.ts'
import { ReconcileError } from '../errors.ts'
import type { Lease, LeaseRecord } from '../reconcile/lease.ts'
import { isRecord } from './answer.ts'
import { hasStatus } from './kube-error.ts'
import { labels } from './names.ts'
import type { KubeClient } from './rest.ts'

export interface KubeLeaseParts {
  /** With its own agent and without a fence: it has to come through when nothing else may. */
  readonly client: KubeClient
  /** `kafka`. */
  readonly component: string
  /** INFOMETIS_INSTANCE; empty for none. */
  readonly instance: string
  readonly identity: string
  readonly durationMs: number
  /** Milliseconds since the epoch, for people who look at the Lease: nobody decides by them. */
  readonly now: () => number
}

/** Two of these fit into the time after which a leader stops. */
const timeoutMs = 5_000

/** One Lease (coordination.k8s.io/v1), with get, create and update alone: those are the verbs of the Role. */
export class KubeLease implements Lease {
  readonly name: string
  readonly identity: string
  readonly #parts: KubeLeaseParts
  readonly #list: string

  constructor(parts: KubeLeaseParts) {
    this.#parts = parts
    this.name = leaseName(parts.component, parts.instance)
    this.identity = parts.identity
    const namespace = encodeURIComponent(parts.client.connection.namespace)
    this.#list = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`
  }

  /** Undefined: there is none. Throws ReconcileError. */
  async read(signal: AbortSignal): Promise<LeaseRecord | undefined> {
    try {
      return await this.#send('GET', undefined, signal)
    } catch (error) {
      if (hasStatus(error, 404)) return undefined
      throw error
    }
  }

  /** Makes the Lease where there is none. Undefined: it is not as it was read, somebody was faster. Throws ReconcileError. */
  async take(record: LeaseRecord | undefined, signal: AbortSignal): Promise<LeaseRecord | undefined> {
    const at = microTime(this.#parts.now())
    const held = { ...this.#held(at), acquireTime: at }
    if (record !== undefined)
      return await this.#update(record, { ...held, leaseTransitions: record.transitions + 1 }, signal)
    const metadata = {
      name: this.name,
      namespace: this.#parts.client.connection.namespace,
      labels: { [labels.component]: this.#parts.component },
    }
    const spec = { ...held, leaseTransitions: 0 }
    const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec }
    return await unlessOutrun(this.#send('POST', body, signal), 409)
  }

  renew(record: LeaseRecord, signal: AbortSignal): Promise<LeaseRecord | undefined> {
    return this.#update(record, this.#held(microTime(this.#parts.now())), signal)
  }

  /** Nobody holds it from now on. The duration of a second is for those who wait out even a lease that nobody holds. */
  release(record: LeaseRecord, signal: AbortSignal): Promise<LeaseRecord | undefined> {
    const at = microTime(this.#parts.now())
    const spec = { holderIdentity: '', leaseDurationSeconds: 1, renewTime: at, acquireTime: at }
    return this.#update(record, spec, signal)
  }

  close(): void {
    this.#parts.client.close()
  }

  #held(at: string): Readonly<Record<string, unknown>> {
    const { identity, durationMs } = this.#parts
    return { holderIdentity: identity, leaseDurationSeconds: durationMs / 1_000, renewTime: at }
  }

  /** The resourceVersion goes with the object, so this writes only over what was read. */
  #update(record: LeaseRecord, spec: object, signal: AbortSignal): Promise<LeaseRecord | undefined> {
    const before = isRecord(record.object['spec']) ? record.object['spec'] : {}
    const body = { ...record.object, spec: { ...before, ...spec } }
    return unlessOutrun(this.#send('PUT', body, signal), 404, 409)
  }

  async #send(
    method: 'GET' | 'POST' | 'PUT',
    body: object | undefined,
    signal: AbortSignal,
  ): Promise<LeaseRecord> {
    const path = method === 'POST' ? this.#list : `${this.#list}/${encodeURIComponent(this.name)}`
    const answer = await this.#parts.client.request({ method, path, body, signal, timeoutMs })
    return readLease(answer.body, this.#parts.durationMs)
  }
}

/** The statuses that say that the Lease was made, changed or deleted meanwhile. */
async function unlessOutrun(
  sent: Promise<LeaseRecord>,
  ...statuses: readonly number[]
): Promise<LeaseRecord | undefined> {
  try {
    return await sent
  } catch (error) {
    if (hasStatus(error, ...statuses)) return undefined
    throw error
  }
}

function readLease(body: unknown, usualMs: number): LeaseRecord {
  const metadata = isRecord(body) ? body['metadata'] : undefined
  if (!isRecord(body) || !isRecord(metadata) || typeof metadata['resourceVersion'] !== 'string')
    throw new ReconcileError('ApiServerUnreachable', 'the answer to a request for a Lease is no Lease')
  const spec = isRecord(body['spec']) ? body['spec'] : {}
  const { holderIdentity, leaseDurationSeconds, leaseTransitions } = spec
  return {
    holder: typeof holderIdentity === 'string' ? holderIdentity : '',
    durationMs: typeof leaseDurationSeconds === 'number' ? leaseDurationSeconds * 1_000 : usualMs,
    transitions: typeof leaseTransitions === 'number' ? leaseTransitions : 0,
    version: metadata['resourceVersion'],
    object: body,
  }
}

/** `infometis-kafka`, `infometis-kafka-blue`. An instance is a label's value; what no name may hold is told apart by a hash. */
export function leaseName(component: string, instance: string): string {
  const stem = `infometis-${component}`
  if (instance === '') return stem
  const plain = instance.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  return plain === instance ? `${stem}-${plain}` : `${stem}-${plain}-${sha256(instance).slice(0, 8)}`
}

/** What the API writes times of a Lease as: six digits of a second. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z')
}
