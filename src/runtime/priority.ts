/** Who is served first: a person's change, then what failed, then what is only looked at again. */
export const priorities = ['change', 'retry', 'resync'] as const

export type Priority = (typeof priorities)[number]

/** The one that is served first. */
export function better(a: Priority, b: Priority): Priority {
  return priorities.indexOf(a) <= priorities.indexOf(b) ? a : b
}
