import { unlessAborted } from '../../../src/client/abort.ts'
import { figureAt, listAt, textAt } from '../../../src/core/members.ts'
import { ReconcileError } from '../../../src/errors.ts'
import { accepted, wordsOf } from './failures.ts'
import type { Apis } from './tools.ts'
import type { Wire } from './wire.ts'

const doing = 'asking Grafana for its APIs'

/**
 * Where objects of a kind are in Grafana's newer API. What is below one is named by further names: a folder's counts are
 * `apiPath(apis, 'folder', version, 'folders', uid, 'counts')`.
 */
export function apiPath(
  apis: Apis,
  group: 'dashboard' | 'folder',
  version: string,
  resource: string,
  ...names: readonly string[]
): string {
  const tail = [resource, ...names].map(encodeURIComponent).join('/')
  return `/apis/${group}.grafana.app/${version}/namespaces/${encodeURIComponent(apis.namespace)}/${tail}`
}

/** What this Grafana serves, and to which namespace whoever asks belongs. Throws where that cannot be told now. */
export async function findApis(wire: Wire, signal: AbortSignal): Promise<Apis> {
  const [namespace, groups] = await Promise.all([findNamespace(wire, signal), findGroups(wire, signal)])
  const served = (group: string) => usable(groups.get(`${group}.grafana.app`) ?? [])
  return { namespace, folders: served('folder'), dashboards: served('dashboard') }
}

/** Before Grafana 12, which brought v1beta1, what /apis has of these is an experiment with another storage behind it. */
function usable(versions: readonly string[]): readonly string[] {
  return versions.some((version) => version === 'v1' || version === 'v1beta1') ? versions : []
}

/** As Grafana says it; of one that does not, as it makes it of the organisation's number. */
async function findNamespace(wire: Wire, signal: AbortSignal): Promise<string> {
  const answer = await wire.send({ method: 'GET', path: '/api/frontend/settings' }, signal)
  const said = textAt(accepted(answer, doing), 'namespace')
  if (said !== '') return said
  const { id } = await findOrganisation(wire, signal)
  return id === '1' ? 'default' : `org-${id}`
}

/** Versions by group; none: there is no /apis. */
async function findGroups(wire: Wire, signal: AbortSignal): Promise<ReadonlyMap<string, readonly string[]>> {
  const answer = await wire.send({ method: 'GET', path: '/apis' }, signal)
  if (answer.status === 404) return new Map()
  // What is not ready yet must not pass for what is not there: written by the older API, a dashboard loses who manages it.
  if (answer.status >= 500) {
    const words = wordsOf(answer.body)
    throw new ReconcileError(
      'ServiceUnreachable',
      `${doing}: /apis answers with status ${answer.status}${words === '' ? '' : ` (${words})`}: Grafana may still be starting`,
    )
  }
  const groups = listAt(accepted(answer, doing), 'groups')
  return new Map(
    groups.map((group) => [
      textAt(group, 'name'),
      listAt(group, 'versions').map((each) => textAt(each, 'version')),
    ]),
  )
}

/** The organisation to which whoever asks belongs. */
export async function findOrganisation(
  wire: Wire,
  signal: AbortSignal,
): Promise<{ readonly id: string; readonly name: string }> {
  const organisation = accepted(await wire.send({ method: 'GET', path: '/api/org' }, signal), doing)
  const id = figureAt(organisation, 'id')
  const name = textAt(organisation, 'name')
  if (id !== undefined && name !== '') return { id: String(id), name }
  throw new ReconcileError('NotSupportedByServer', 'what answers to /api/org is no organisation of Grafana')
}

/** What is asked once for all who want to know, and again after it failed or was forgotten. */
export class Discovery {
  readonly #wire: Wire
  #finding: Promise<Apis> | undefined

  constructor(wire: Wire) {
    this.#wire = wire
  }

  async apis(signal: AbortSignal): Promise<Apis> {
    // Of nobody's own signal, so that who gives up takes it from no other; each request ends by its own time limit.
    const finding = (this.#finding ??= findApis(this.#wire, new AbortController().signal))
    try {
      return await unlessAborted(finding, signal)
    } catch (error) {
      if (this.#finding === finding) this.#finding = undefined
      throw error
    }
  }

  /** The server was away, or is another release: what it serves may be something else. */
  forget(): void {
    this.#finding = undefined
  }
}
