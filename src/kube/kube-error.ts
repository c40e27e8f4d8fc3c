import { ReconcileError, type Reason } from '../errors.ts'

/** What a request asks for, in the words of RBAC. */
export interface Target {
  readonly verb: string
  readonly resource: string
  readonly namespace: string | undefined
  readonly name: string | undefined
}

/** The API server's own `Status` object, as much of it as is used. */
export interface Status {
  readonly code?: number
  readonly reason?: string
  readonly message?: string
}

/** The API server answered, and not with success. `status` tells 404, 409, 410, 422 and 429 apart. */
export class KubeError extends ReconcileError {
  readonly status: number
  /** The Status object's reason: `AlreadyExists` and `Conflict` are both 409. */
  readonly statusReason: string | undefined
  /** Milliseconds the server asked to wait (Retry-After). */
  readonly retryAfterMs: number | undefined
  readonly target: Target

  constructor(target: Target, status: number, body: Status, retryAfterMs?: number) {
    super(reasonOf(status), sentence(target, status, body))
    this.name = 'KubeError'
    this.status = status
    this.statusReason = body.reason
    this.retryAfterMs = retryAfterMs
    this.target = target
  }
}

/** True for a KubeError with one of these HTTP statuses. */
export function hasStatus(thrown: unknown, ...statuses: readonly number[]): thrown is KubeError {
  return thrown instanceof KubeError && statuses.includes(thrown.status)
}

function reasonOf(status: number): Reason {
  if (status === 401 || status === 403) return 'ApiServerForbidden'
  if (status === 429 || status >= 500) return 'ApiServerUnreachable'
  return 'ApiServerRejected'
}

function sentence(target: Target, status: number, body: Status): string {
  const words = body.message === undefined ? '' : `: ${body.message.slice(0, 500)}`
  if (status === 401) return `the API server does not know this token or certificate (401)${words}`
  if (status === 403) return `may not ${say(target)}${words}`
  if (status === 429 || status >= 500)
    return `the API server is too busy or not ready (${status}) to ${say(target)}${words}`
  return `the API server would not ${say(target)} (${status})${words}`
}

/** `watch configmaps in namespace a`, `patch configmaps b in namespace a`. */
export function say(target: Target): string {
  const name = target.name === undefined ? '' : ` ${target.name}`
  const place = target.namespace === undefined ? '' : ` in namespace ${target.namespace}`
  return `${target.verb} ${target.resource}${name}${place}`
}

const verbs: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

/** A path of the API, as RBAC sees it: `/api/v1/namespaces/a/configmaps/b` → get configmaps b in namespace a. */
export function targetOf(method: string, path: string, watch: boolean): Target {
  const segments = path
    .split('/')
    .filter((each) => each !== '')
    .map(decodeURIComponent)
  const rest =
    segments[0] === 'api' ? segments.slice(2) : segments[0] === 'apis' ? segments.slice(3) : undefined
  if (rest === undefined)
    return { verb: method.toLowerCase(), resource: path, namespace: undefined, name: undefined }
  const namespaced = rest[0] === 'namespaces' && rest.length > 2
  const [resource = path, name] = namespaced ? rest.slice(2) : rest
  const read = watch ? 'watch' : name === undefined ? 'list' : 'get'
  return { verb: verbs[method] ?? read, resource, namespace: namespaced ? rest[1] : undefined, name }
}
