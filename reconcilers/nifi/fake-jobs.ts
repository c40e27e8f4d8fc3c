import type { Call } from './fake-call.ts'
import { badRequest, conflict, missing } from './fake-refusal.ts'
import type { FakeState, Job } from './fake-state.ts'

/** More than this are not held. */
const most = 100

/** From now on it goes on by itself: a step with each request, or when a test says so. What is complete may be purged. */
export function submit(state: FakeState, job: Job): void {
  if (state.jobs.size > most) {
    throw conflict(
      `There are already ${state.jobs.size} update requests for variable registries. Cannot issue any more requests until the older ones are deleted or expire`,
    )
  }
  state.jobs.set(job.id, job)
}

/** A request of this user, of this kind. */
export function jobOf({ state, user }: Call, kind: Job['kind'], id: string): Job {
  const job = state.jobs.get(id)
  if (job?.kind !== kind) throw missing(`Could not find a Request with identifier ${id}`)
  if (job.user !== user) throw badRequest('Only the user that submitted the update request can delete it.')
  return job
}

/** One step of each request that is under way; updates of parameter contexts go one after the other. */
export function stepJobs(state: FakeState): void {
  let updating = false
  for (const job of [...state.jobs.values()]) {
    if (job.complete) continue
    if (job.kind === 'parameters') {
      if (updating) continue
      updating = true
    }
    job.step()
  }
}

/** As a minute after they were complete. */
export function purgeJobs(state: FakeState): void {
  for (const [id, { complete }] of state.jobs) if (complete) state.jobs.delete(id)
}
