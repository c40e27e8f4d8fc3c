import { own, toJsonObject, type JsonObject } from '../../src/core/json.ts'
import { type Call, type Handler, type Members, bodyOf, named, ok, zeroed } from './fake-call.ts'
import { provenanceOf } from './fake-provenance.ts'
import { failed } from './fake-refusal.ts'

/** Settings that Grafana keeps encrypted and answers as `[REDACTED]` (docs: alerting_provisioning). */
const secrets = new Set(['url', 'token', 'password', 'integrationKey', 'bottoken', 'apiKey'])

function answered(point: JsonObject): Members {
  const settings = Object.entries(toJsonObject(own(point, 'settings'))).map(([name, value]) => [
    ...[name, secrets.has(name) ? '[REDACTED]' : value],
  ])
  return { ...point, settings: Object.fromEntries(settings) as Members }
}

export const listContactPoints: Handler = ({ state, query }) => {
  const name = query.get('name')
  const all = [...state.data.contactPoints.values()].map(answered)
  return ok(all.filter((each) => name === undefined || each['name'] === name))
}

function kept(call: Call, uid: string): JsonObject {
  const body = bodyOf(call)
  const [name, type] = [zeroed(body, 'name', ''), zeroed(body, 'type', '')]
  if (name === '' || type === '')
    throw failed(400, 'invalid object specification: name and type are required')
  const provenance = provenanceOf(call)
  const point = toJsonObject({
    ...{ uid, name, type, settings: own(body, 'settings') ?? {} },
    disableResolveMessage: zeroed(body, 'disableResolveMessage', false),
    ...(provenance === '' ? {} : { provenance }),
  })
  call.state.data.contactPoints.set(uid, point)
  return point
}

export const postContactPoint: Handler = (call) => {
  const uid = zeroed(bodyOf(call), 'uid', '')
  return ok(answered(kept(call, uid === '' ? call.state.newName('receiver') : uid)), 202)
}

export const putContactPoint: Handler = (call) => {
  if (!call.state.data.contactPoints.has(named(call))) throw failed(404, 'contact point not found')
  kept(call, named(call))
  return ok({ message: 'contactpoint updated' }, 202)
}

export const deleteContactPoint: Handler = (call) => {
  const name = call.state.data.contactPoints.get(named(call))?.['name']
  const used = [...call.state.data.rules.values()].some(
    ({ members }) => own(members['notification_settings'], 'receiver') === name,
  )
  if (used && name !== undefined)
    throw failed(409, 'contact point is currently used by a notification policy or an alert rule')
  call.state.data.contactPoints.delete(named(call))
  return ok({ message: 'contactpoint deleted' }, 202)
}
