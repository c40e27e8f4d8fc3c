import { sha256 } from '../core/canonical.ts'

/** The labels and annotations of DESIGN, in one place. */
export const labels = {
  component: 'infometis.component',
  configType: 'infometis.config-type',
  instance: 'infometis.io/instance',
  kind: 'infometis.io/kind',
  unit: 'infometis.io/unit',
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

export function isSummaryAnnotation(name: string): boolean {
  return summaryNames.has(name) || isBaseStamp(name)
}

const summaryNames: ReadonlySet<string> = new Set(Object.values(summaryAnnotations))
const baseStampPrefix = `${summaryAnnotations.observedApplied}.`

/**
 * What a reconciler writes on a base: an annotation and a field manager of its own, because several may rest on one base and each
 * vouches for its own ConfigMaps only.
 */
export function baseStamp(
  component: string,
  instance: string,
): { readonly annotation: string; readonly manager: string } {
  // The name of an annotation has 63 characters; that of an instance may have as many.
  const own = instance === '' ? '' : sha256(instance).slice(0, 8)
  return {
    annotation: [`${baseStampPrefix}${component}`, own].filter(Boolean).join('.'),
    manager: [`infometis-${component}`, own].filter(Boolean).join('-'),
  }
}

export function isBaseStamp(name: string): boolean {
  return name.startsWith(baseStampPrefix)
}

/** On a status ConfigMap: the `namespace/name` it speaks of. */
export const desiredAnnotation = 'infometis.io/desired'

export const controlConfigMap = 'infometis-control'
