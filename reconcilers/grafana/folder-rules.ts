import type { Change } from '../../src/core/resource.ts'
import type { Finding, Rule, RuleContext } from '../../src/core/rules.ts'
import { ownershipRules } from './ownership-rules.ts'
import { type Folder, type GrafanaResource, isChangeOf, isOfType } from './resource.ts'

/** Folders below each other (pkg/services/folder/model.go, MaxNestedFolderDepth). */
const deepest = 4

type Context = RuleContext<GrafanaResource>

/** What stands between a plan and folders. */
export const folderRules: readonly Rule<GrafanaResource>[] = [
  {
    code: 'FolderCycle',
    severity: 'refused',
    says: 'Folders do not stand in each other in a circle.',
    wayOut: 'Write another "parent" in one of them.',
    judge: onParent((way) => {
      const [first = ''] = way
      const last = way.at(-1) ?? ''
      return way.length > 1 && way.indexOf(last) < way.length - 1
        ? `${first} stands in itself: ${way.join(' in ')}`
        : undefined
    }),
  },
  {
    code: 'FolderTooDeep',
    severity: 'refused',
    says: `No more than ${deepest} folders stand in each other.`,
    wayOut: 'Write a "parent" that is nearer to the top.',
    judge: onParent((way) =>
      way.length > deepest && new Set(way).size === way.length
        ? `it would stand on level ${way.length}: ${way.join(' in ')}`
        : undefined,
    ),
  },
  {
    code: 'FolderNotEmpty',
    severity: 'refused',
    says: 'A folder is not deleted as long as it holds anything.',
    wayOut: 'Move or delete what is in it, in Grafana or in Git; then it goes by itself.',
  },
  ...ownershipRules('folders', 'folder'),
]

/** A finding on where a folder is to stand. `say`: the uids from the folder upwards, the last one twice in a circle. */
function onParent(say: (way: readonly string[]) => string | undefined) {
  return (change: Change<GrafanaResource>, { desired }: Context): Finding | undefined => {
    if (!isChangeOf('folders', change) || change.desired === undefined) return undefined
    if (!change.fields.some(({ path }) => path === 'parent')) return undefined
    const message = say(wayUp(change.desired, desired))
    if (message === undefined) return undefined
    return change.action === 'update' ? { fields: ['parent'], message } : { message }
  }
}

/** As far as it is written here; a parent that is not stands at the top for all that is known. */
function wayUp(folder: Folder, desired: readonly GrafanaResource[]): readonly string[] {
  const folders = desired.filter((each) => isOfType('folders', each))
  const parents = new Map(folders.map(({ name, fields }) => [name, fields.get('parent')] as const))
  const way = [folder.name]
  for (let parent = folder.fields.get('parent'); typeof parent === 'string' && parent !== '';) {
    const again = way.includes(parent)
    way.push(parent)
    parent = again ? undefined : parents.get(parent)
  }
  return way
}
