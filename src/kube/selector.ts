import type { Query } from './rest.ts'

/** Which ConfigMaps: one source for LIST and WATCH both, so that they can never disagree. */
export interface Selector {
  readonly namespace: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
}

export function selectorQuery(selector: Selector): Query {
  return { labelSelector: selector.labelSelector, fieldSelector: selector.fieldSelector }
}

/** `namespace a, infometis.component=kafka`: for logs. */
export function saySelector(selector: Selector): string {
  const parts = [selector.labelSelector, selector.fieldSelector].filter((each) => each !== undefined)
  return [`namespace ${selector.namespace}`, ...parts].join(', ')
}
