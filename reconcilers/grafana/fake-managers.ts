import type { Call } from './fake-call.ts'
import { type ObjectType, badRequest, forbidden, forbiddenChange } from './fake-refusal.ts'
import type { StoredObject } from './fake-state.ts'

interface Manager {
  readonly kind: string
  readonly id: string
}

type Annotations = Readonly<Record<string, string>>

/** pkg/apimachinery/utils/manager.go: what else stands there is nobody. */
const known = new Set([
  ...['repo', 'terraform', 'kubectl', 'plugin', 'grafana'],
  ...['classic-file-provisioning', 'classic-api-provisioning', 'classic-converted-prometheus'],
])

export function managerOf(annotations: Annotations): Manager | undefined {
  const kind = annotations['grafana.app/managedBy'] ?? ''
  return known.has(kind) ? { kind, id: annotations['grafana.app/managerId'] ?? '' } : undefined
}

/** Who may take what from whom: pkg/storage/unified/apistore/managed.go@01f30ec5. */
export function checkManager(
  call: Call,
  type: ObjectType,
  given: Pick<StoredObject, 'name' | 'folder' | 'annotations'>,
  previous: StoredObject | undefined,
): void {
  const now = managerOf(given.annotations)
  const before = previous === undefined ? undefined : managerOf(previous.annotations)
  const refusal = changeRefused(call, before, now)
  if (refusal !== undefined) throw forbiddenChange(refusal)
  checkFolder(call, type, given, previous)
  if (before?.kind === 'repo') call.state.commits.push(`${type.resource}/${given.name}`)
}

function changeRefused(
  call: Call,
  before: Manager | undefined,
  now: Manager | undefined,
): string | undefined {
  if (before === undefined) return undefined
  if (now === undefined) {
    const may = before.kind !== 'repo' || call.identity.role === 'Admin'
    return may ? undefined : 'Can not remove resource manager from resource'
  }
  if (before.kind !== now.kind)
    return 'Cannot change resource manager kind; remove the existing manager first, then add the new one'
  if (before.id === now.id || /^(terraform|classic-)/.test(before.kind)) return undefined
  return 'Cannot change resource manager identity; remove the existing manager first, then add the new one'
}

/** What lies in a folder of Git Sync has to be of the same repository. */
function checkFolder(
  call: Call,
  type: ObjectType,
  given: Pick<StoredObject, 'name' | 'folder' | 'annotations'>,
  previous: StoredObject | undefined,
): void {
  const folder = managerOf(call.state.data.folders.get(given.folder)?.annotations ?? {})
  if (folder?.kind !== 'repo') return
  const own = managerOf(given.annotations)
  if (own?.kind === folder.kind && own.id === folder.id) return
  // pkg/registry/apis/dashboard/register.go asks first, of what is new.
  if (type.resource === 'dashboards' && previous === undefined) {
    const end = own === undefined ? 'the dashboard is not managed' : 'is not managed by the same manager'
    throw badRequest(`folder is managed by a repository, but ${end}`)
  }
  const there = `${folder.kind}:${folder.id}`
  throw forbidden(
    type,
    given.name,
    own === undefined
      ? `folder is managed by ${there}, but the resource is not managed`
      : `resource manager (${own.kind}:${own.id}) does not match folder manager (${there}); resources must be managed by the same manager as their containing folder`,
  )
}
