import { accepted, isMissing } from './failures.ts'
import { at, listAt, textAt } from './members.ts'
import type { Wire } from './wire.ts'

/** A controller service of a flow as it does. */
export interface ServiceStatus {
  readonly id: string
  /** DISABLED, DISABLING, ENABLING, ENABLED. */
  readonly state: string
  /** VALID, INVALID, VALIDATING. */
  readonly validation: string
  readonly errors: readonly string[]
  /** Its bundle is not there. */
  readonly ghost: boolean
}

/** The services of a group and of those in it; not those above, which are somebody else's. */
export async function readServices(
  wire: Wire,
  groupId: string,
  signal: AbortSignal,
): Promise<readonly ServiceStatus[]> {
  const answer = await wire.send(
    {
      method: 'GET',
      path: `/flow/process-groups/${encodeURIComponent(groupId)}/controller-services`,
      query: {
        includeDescendantGroups: true,
        includeAncestorGroups: false,
        includeReferencingComponents: false,
        uiOnly: true,
      },
    },
    signal,
  )
  if (isMissing(answer)) return []
  return listAt(accepted(answer, 'reading controller services'), 'controllerServices').map((entity) => {
    const component = at(entity, 'component')
    return {
      id: textAt(entity, 'id'),
      state: textAt(component, 'state'),
      validation: textAt(component, 'validationStatus'),
      errors: texts(at(component, 'validationErrors')),
      ghost: at(component, 'extensionMissing') === true,
    }
  })
}

export function texts(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.filter((each): each is string => typeof each === 'string') : []
}
