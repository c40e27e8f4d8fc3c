/** Seconds that the master may take to begin, and that the nodes may take to hear of it: less together than a request may last. */
export const writeTimes = { master_timeout: '15s', timeout: '10s' } as const

/** Of a reindex: the master drops what it has not begun by then, so that nothing takes effect long after it was given up. */
export const promptTimes = { master_timeout: '5s', timeout: '5s' } as const

/** Templates, pipelines and policies are acknowledged by the master alone. */
export const definitionTimes = { master_timeout: '15s' } as const

/** One name as a part of a path. What a name could mean besides itself (`*`, a comma, date math) is taken from it, or is no name. */
export function pathPart(name: string): string {
  return encodeURIComponent(name)
}

/** False for what the server would take for several names, an exclusion, date math or an API. No index and no alias is called so. */
export function isIndexName(name: string): boolean {
  return name !== '' && !/^[-_+]|[*,:<>?#\\/"| ]|^\.{1,2}$/.test(name)
}

/** False for what the server would take for several definitions. */
export function isExactName(name: string): boolean {
  return name !== '' && !/[*,]/.test(name)
}
