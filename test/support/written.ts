import { canonicalJson, sha256 } from '../../src/core/canonical.ts'
import { defaultControls } from '../../src/kube/controls.ts'
import type { Controls, Written } from '../../src/reconcile/written.ts'

/** A desired ConfigMap as the source would read it. `entries` undefined: unparseable. */
export function writtenOf(
  name: string,
  type: string,
  entries: Readonly<Record<string, unknown>> | ReadonlyMap<string, unknown> | undefined,
  more: { readonly controls?: Partial<Controls>; readonly createdAt?: number } = {},
): Written {
  const map = entries === undefined || entries instanceof Map ? entries : new Map(Object.entries(entries))
  const controls = { ...defaultControls, ...more.controls }
  return {
    key: `team/${name}`,
    namespace: 'team',
    name,
    uid: `uid-of-${name}`,
    createdAt: more.createdAt ?? 0,
    type,
    entries: map,
    issues: map === undefined ? [{ path: `${type}.yaml`, message: 'is not YAML', line: 1 }] : [],
    issueReason: map === undefined ? 'InvalidDocument' : undefined,
    controls,
    hash: sha256(canonicalJson([map, { ...controls, allow: [...controls.allow] }])),
    appliedAt: undefined,
  }
}
