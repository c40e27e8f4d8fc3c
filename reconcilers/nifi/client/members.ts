import { figureAt } from '../../../src/core/members.ts'

export { at, listAt, textAt } from '../../../src/core/members.ts'

/** The number at a path of members; 0 where there is none. */
export function numberAt(value: unknown, ...path: readonly string[]): number {
  return figureAt(value, ...path) ?? 0
}
