/** The labels and annotations of DESIGN, in one place. */
export const labels = {
  component: 'infometis.component',
  configType: 'infometis.config-type',
  instance: 'infometis.io/instance',
  kind: 'infometis.io/kind',
} as const

export const annotationPrefix = 'infometis.io/'

/** What we write on a desired ConfigMap for Flux and kubectl; never read back as a wish. */
export const summaryAnnotations = {
  ready: 'infometis.io/ready',
  reason: 'infometis.io/reason',
  message: 'infometis.io/message',
  observedHash: 'infometis.io/observed-hash',
  observedApplied: 'infometis.io/observed-applied',
} as const

export const isSummaryAnnotation: (name: string) => boolean = (name) => summaryNames.has(name)

const summaryNames: ReadonlySet<string> = new Set(Object.values(summaryAnnotations))

/** On a status ConfigMap: the `namespace/name` it speaks of. */
export const desiredAnnotation = 'infometis.io/desired'

export const controlConfigMap = 'infometis-control'
