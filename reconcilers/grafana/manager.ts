import type { Manager, ObjectFacts } from './resource.ts'

/** What every folder and dashboard that we wrote says of itself. */
export const ownManager: Manager = { kind: 'kubectl', id: 'infometis' }

type Facts = Pick<ObjectFacts, 'manager' | 'provisioned'>

/** From files on Grafana's own disk, which writes them anew. */
export function isProvisioned({ manager, provisioned }: Facts): boolean {
  return provisioned || manager?.kind.startsWith('classic-') === true
}

/** Of a tool with a record of its own (Git Sync, Terraform, a plugin), which would undo what is done here. */
export function isForeign({ manager }: Facts): boolean {
  return manager !== undefined && manager.kind !== ownManager.kind && !manager.kind.startsWith('classic-')
}

/** By a tool or in files: what is done to it here would be undone. */
export function isKeptElsewhere(facts: Facts): boolean {
  return isForeign(facts) || isProvisioned(facts)
}

/** Of somebody who works as we do, by the same API and under another name. */
export function isColleagues({ manager }: Facts): boolean {
  return manager?.kind === ownManager.kind && manager.id !== ownManager.id
}
