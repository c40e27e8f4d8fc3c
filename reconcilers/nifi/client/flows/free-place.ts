import { listAt, numberAt } from '../members.ts'
import type { Tools } from '../tools.ts'
import { groupPath, sent } from './requests.ts'

/** A group on the canvas with a margin around it. */
const [width, height, columns] = [480, 280, 4]

/** A place in a group where no other process group is drawn: the first free one of rows of four. */
export async function freePlace(
  tools: Tools,
  parentId: string,
  signal: AbortSignal,
): Promise<{ readonly x: number; readonly y: number }> {
  const path = `${groupPath(parentId)}/process-groups`
  const body = await sent(tools, { method: 'GET', path }, 'looking for a place on the canvas', signal)
  const taken = listAt(body, 'processGroups').map((each) => {
    return { x: numberAt(each, 'position', 'x'), y: numberAt(each, 'position', 'y') }
  })
  for (let index = 0; ; index += 1) {
    const place = { x: (index % columns) * width, y: Math.floor(index / columns) * height }
    const isTaken = taken.some(({ x, y }) => Math.abs(x - place.x) < width && Math.abs(y - place.y) < height)
    if (!isTaken) return place
  }
}
