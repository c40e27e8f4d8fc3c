import { equal } from '../../../../src/core/canonical.ts'
import type { Change } from '../../../../src/core/resource.ts'
import { figureAt } from '../../../../src/core/members.ts'
import { ReconcileError } from '../../../../src/errors.ts'
import type { Datasource } from '../../resource.ts'
import { accepted, isMissing } from '../failures.ts'
import type { Wire } from '../wire.ts'
import { type LiveDatasource, pathOf, readDatasource, showDatasource } from './live-datasource.ts'
import { isSecure, nextDatasource, secretsOf } from './next-datasource.ts'
import { isTaken, refusal } from './refusals.ts'
import { unapplied } from './unapplied.ts'

type DatasourceChange = Change<Datasource>

/** What is there now (nothing: it was deleted), and what a person should know of how that went. */
export interface Made {
  readonly live?: LiveDatasource
  readonly note?: string
}

export async function createDatasource(
  wire: Wire,
  change: DatasourceChange,
  signal: AbortSignal,
): Promise<Made> {
  const body = nextDatasource(change, undefined)
  const answer = await wire.send({ method: 'POST', path: '/api/datasources', body }, signal)
  // Grafana looks at names first.
  const there = isTaken(answer) ? await readDatasource(wire, change.name, signal) : undefined
  if (there !== undefined) return takeUp(wire, change, there, signal)
  accepted(refusal(answer, change), `creating datasource "${change.name}"`)
  const live = await look(wire, change, signal)
  if (!live.isDefault || change.desired?.fields.get('isDefault') === true) return shown(change, live)
  // The first datasource of an organisation becomes its default, whatever was sent.
  if (change.desired?.fields.get('isDefault') === undefined)
    return { ...shown(change, live), note: 'Grafana made it the default: there was none before it' }
  return put(wire, { sent: plainPart(change), meant: change }, live, signal)
}

function plainPart(change: DatasourceChange): DatasourceChange {
  return { ...change, fields: change.fields.filter((field) => !isSecure(field)) }
}

/** Made by a request whose answer was lost, or by somebody else in this moment: only what is the same is ours. */
async function takeUp(
  wire: Wire,
  change: DatasourceChange,
  live: LiveDatasource,
  signal: AbortSignal,
): Promise<Made> {
  const { fields } = showDatasource(live, change.desired)
  if (plainPart(change).fields.every(({ path, after }) => equal(fields.get(path), after)))
    return put(wire, { sent: change, meant: change }, live, signal)
  throw new ReconcileError(
    'ChangesFailed',
    `somebody else made a datasource "${change.name}" in the meantime; it is looked at again`,
  )
}

export async function updateDatasource(
  wire: Wire,
  change: DatasourceChange,
  signal: AbortSignal,
): Promise<Made> {
  const live = await look(wire, change, signal)
  mustBeAsSeen(change, live)
  return put(wire, { sent: change, meant: change }, live, signal)
}

/** "Already gone" is done. */
export async function deleteDatasource(
  wire: Wire,
  change: DatasourceChange,
  signal: AbortSignal,
): Promise<Made> {
  const live = await readDatasource(wire, change.name, signal)
  if (live === undefined || (change.id !== undefined && live.id !== change.id)) return {}
  mustBeAsSeen(change, live)
  const answer = await wire.send({ method: 'DELETE', path: pathOf(change.name) }, signal)
  if (!isMissing(answer)) accepted(refusal(answer, change), `deleting datasource "${change.name}"`)
  return {}
}

async function look(wire: Wire, { name }: DatasourceChange, signal: AbortSignal): Promise<LiveDatasource> {
  const live = await readDatasource(wire, name, signal)
  if (live !== undefined) return live
  throw new ReconcileError(
    'ChangesFailed',
    `datasource "${name}" is not there any more; it is looked at again`,
  )
}

/** What somebody saved since the plan was made is in nobody's plan, and not kept yet. */
function mustBeAsSeen({ name, observed }: DatasourceChange, live: LiveDatasource): void {
  const seen = observed?.facts?.version
  if (seen !== undefined && seen !== live.version) throw moved(name)
}

function moved(name: string): ReconcileError {
  return new ReconcileError(
    'ServiceBusy',
    `somebody saved datasource "${name}" in this moment; it is looked at again`,
  )
}

/** `sent`: what this request changes; `meant`: what is to be seen then. */
async function put(
  wire: Wire,
  { sent, meant }: { readonly sent: DatasourceChange; readonly meant: DatasourceChange },
  live: LiveDatasource,
  signal: AbortSignal,
): Promise<Made> {
  const { name } = sent
  const body = nextDatasource(sent, live)
  const answer = await wire.send({ method: 'PUT', path: pathOf(name), body }, signal)
  const taken = accepted(refusal(answer, sent), `changing datasource "${name}"`)
  const now = await look(wire, sent, signal)
  const version = figureAt(taken, 'datasource', 'version')
  if (version !== undefined && version !== now.version) throw moved(name)
  return shown(meant, now)
}

function shown(change: DatasourceChange, live: LiveDatasource): Made {
  const left = unapplied(change, showDatasource(live, change.desired))
  if (left !== undefined) throw left
  const note = noteOf(change)
  return { live, ...(note === undefined ? {} : { note }) }
}

/** That values went out again though Git did not move. */
function noteOf(change: DatasourceChange): string | undefined {
  const again = change.fields.filter(({ cause, after }) => cause === 'drift' && after !== undefined)
  const keys = [...secretsOf({ ...change, fields: again }).keys()]
  return keys.length === 0 ? undefined : `secure values set again: ${keys.join(', ')}`
}
