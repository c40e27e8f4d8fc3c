import { throughText } from '../../src/client/fake-wire.ts'
import type { WireRequest } from './client/wire.ts'
import type { Answer, Call } from './fake-call.ts'
import { accessDenied, isAtLeast } from './fake-identity.ts'
import type { Profile } from './fake-profile.ts'
import { Refusal, refused } from './fake-refusal.ts'
import { type Route, routes } from './fake-routes.ts'

/** What is known before the path is looked at. */
export type Surroundings = Pick<Call, 'state' | 'profile' | 'switches' | 'identity'>

/** What Grafana makes of a request of somebody who is known. */
export function answerTo(request: WireRequest, surroundings: Surroundings): Answer {
  const { method, path, query = {}, headers = {}, body } = request
  const found = routeOf(method, path, surroundings.profile)
  const { needs } = found
  if (needs !== undefined && !isAtLeast(needs.role, surroundings.identity)) throw accessDenied(needs.action)
  const answer = found.handle({
    ...surroundings,
    names: (found.path.exec(path) ?? []).slice(1).map(decoded),
    query: new Map(Object.entries(query).map(([name, value]) => [name, String(value)])),
    headers: new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: throughText(body),
  })
  return isDeprecated(path, surroundings.profile) ? { ...answer, headers: deprecation } : answer
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    // Go's net/http, before anybody sees the request.
    throw new Refusal(400, '400 Bad Request')
  }
}

export function isOpen(method: string, path: string): boolean {
  return routes.some((route) => route.open && route.method === method && route.path.test(path))
}

function routeOf(method: string, path: string, profile: Profile): Route {
  // Without the newer API nothing listens there: pkg/services/apiserver/service.go.
  if (isNewer(path) && profile.dashboards.length === 0) throw new Refusal(404, 'Not Found')
  const found = routes.find((route) => route.method === method && route.path.test(path))
  if (found !== undefined) return found
  throw isNewer(path) ? new Refusal(404, '404 page not found') : refused(404, 'Not found', { traceID: '' })
}

export function isNewer(path: string): boolean {
  return path === '/apis' || path.startsWith('/apis/')
}

const deprecation = { warning: '299 - "Deprecated API"' }

/** Not of exports: grafana PR 120606. */
function isDeprecated(path: string, { warnsOfDeprecation }: Profile): boolean {
  return (
    warnsOfDeprecation &&
    /^\/api\/v1\/provisioning\/(alert-rules|folder)(\/|$)/.test(path) &&
    !path.endsWith('/export')
  )
}
