import type { DashboardContent } from '../../resource.ts'

/** The same thing under two names: what is written at one is read at the other without loss. */
const twins: ReadonlyMap<string, string> = new Map([
  ['v1', 'v1beta1'],
  ['v1beta1', 'v1'],
  ['v2', 'v2beta1'],
  ['v2beta1', 'v2'],
])

/** v1 migrates and checks what it is given, so that exports of any age would fail; v0alpha1 keeps it as it is sent. */
const best: Readonly<Record<DashboardContent['model'], readonly string[]>> = {
  classic: ['v0alpha1', 'v1', 'v1beta1'],
  v2: ['v2', 'v2beta1'],
}

/** The version of `dashboard.grafana.app` at which a dashboard is written; undefined: none that is served takes it. */
export function versionFor(
  { model, version }: Pick<DashboardContent, 'model' | 'version'>,
  served: readonly string[],
): string | undefined {
  if (version !== undefined) return faithfulTo(version, served)
  return best[model].find((each) => served.includes(each))
}

/** The version at which what is stored at another is shown as it is; undefined: none that is served. */
export function faithfulTo(stored: string, served: readonly string[]): string | undefined {
  return [stored, twins.get(stored)].find((each) => each !== undefined && served.includes(each))
}

/** Whether what is stored at one version is shown as it is at the other. */
export function isFaithful(shownAt: string, storedAt: string): boolean {
  return shownAt === storedAt || twins.get(shownAt) === storedAt
}

/** The version to look with where it is not known what a dashboard is stored at: one that converts nothing where it can. */
export function plainVersion(served: readonly string[]): string {
  return versionFor({ model: 'classic' }, served) ?? served[0] ?? 'v1'
}

/** Why a Grafana that serves these versions cannot take a dashboard, said of that Grafana. `served` empty: it has the older API only. */
export function objectionTo(
  content: Pick<DashboardContent, 'model' | 'version'>,
  served: readonly string[],
): string | undefined {
  const { model, version } = content
  const wayOut = 'write it as a classic dashboard ("Export as JSON", Classic), or upgrade Grafana'
  if (served.length === 0)
    return model === 'v2'
      ? `takes classic dashboards only, and this one is of version 2: ${wayOut}`
      : undefined
  if (versionFor(content, served) !== undefined) return undefined
  return `does not serve ${version ?? best[model].join(' or ')} of dashboards, but ${served.join(', ')}: ${wayOut}`
}
