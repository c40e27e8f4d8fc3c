import { own } from '../../../src/core/json.ts'
import { textAt } from '../../../src/core/members.ts'
import { ReconcileError } from '../../../src/errors.ts'
import { findOrganisation } from './apis.ts'
import { accepted } from './failures.ts'
import type { Wire } from './wire.ts'

const doing = 'asking Grafana who it is'

/** Folders in folders need no switch from here on, and titles need not be unique. */
const oldest = 11

/**
 * Which Grafana answers: namespace and organisation. A database has no identity that a service account may read, and an address
 * changes with what is put in front; an empty database is the same Grafana, to be filled again.
 */
export async function findClusterId(wire: Wire, namespace: string, signal: AbortSignal): Promise<string> {
  const { name } = await findOrganisation(wire, signal)
  return `${namespace}/${name}`
}

/** Health says it to everybody, unless it is told to hide it. */
export async function findVersion(wire: Wire, signal: AbortSignal): Promise<string> {
  const health = await wire.send({ method: 'GET', path: '/api/health' }, signal)
  const database = own(health.body, 'database')
  if (typeof database === 'string' && database !== 'ok') {
    throw new ReconcileError('ServiceUnhealthy', `Grafana cannot reach its database (database: ${database})`)
  }
  if (health.status === 404) throw isNoGrafana()
  const body = accepted(health, doing)
  if (database === undefined) throw isNoGrafana()
  return supported(textAt(body, 'version') || (await hiddenVersion(wire, signal)))
}

async function hiddenVersion(wire: Wire, signal: AbortSignal): Promise<string> {
  const settings = accepted(await wire.send({ method: 'GET', path: '/api/frontend/settings' }, signal), doing)
  return textAt(settings, 'buildInfo', 'version')
}

function supported(version: string): string {
  const major = /^v?(\d+)\./.exec(version)?.[1]
  if (major === undefined) throw isNoGrafana()
  if (Number(major) >= oldest) return version
  throw new ReconcileError(
    'NotSupportedByServer',
    `Grafana ${version} answers, but ${oldest}.0 or later is needed`,
  )
}

function isNoGrafana(): ReconcileError {
  return new ReconcileError(
    'NotSupportedByServer',
    `what answers does not say which Grafana it is: let GRAFANA_URL name Grafana ${oldest}.0 or later, with its sub-path`,
  )
}
