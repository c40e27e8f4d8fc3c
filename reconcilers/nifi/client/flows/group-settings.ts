import { withMarker } from '../../marker.ts'
import { textAt } from '../members.ts'
import { moveGroup, parentIdOf } from './move-group.ts'
import { type Step, failed } from './outcomes.ts'
import { putGroup, readGroupNow } from './requests.ts'
import { type Site, gone } from './site.ts'

/** The group's place among the others, where that is to change. */
export async function placeGroup(site: Site, signal: AbortSignal): Promise<Step> {
  const { tools, options, facts, change, groupId } = site
  if (!change.fields.some(({ path }) => path === 'parent')) return undefined
  const parentId = await parentIdOf(tools, options.parent, signal)
  const group = await readGroupNow(tools, groupId, signal)
  if (group === undefined) throw gone()
  if (group.parentId === parentId) return undefined
  if (facts.usedPorts.size > 0) {
    return failed(
      'RejectedByServer',
      'the process group cannot be moved while connections outside of it lead to its ports: remove these, or write the parent that it has',
    )
  }
  await moveGroup(tools, group, parentId, signal)
  return undefined
}

/** Name, comments and marker, where they are not yet as they are to be. True: they were changed. */
export async function nameGroup(site: Site, signal: AbortSignal): Promise<boolean> {
  const { tools, change, desired, options, groupId } = site
  const group = await readGroupNow(tools, groupId, signal)
  if (group === undefined) throw gone()
  const paths = new Set(change.fields.map(({ path }) => path))
  const name = paths.has('name') ? options.groupName : group.name
  const text = paths.has('comments') ? textAt(desired.snapshot.flowContents, 'comments') : group.comments
  const comments = withMarker(text, 'flows', change.name)
  if (name === group.name && comments === group.comments) return false
  await putGroup(tools, group, { name, comments }, 'changing the settings of the process group', signal)
  return true
}
