import { type ResourceKey, resourceOf } from '../core/resource.ts'
import type { Reason } from '../errors.ts'
import type { Meter } from '../reconcile/world.ts'
import type { CallMeter } from './metered-client.ts'
import { priorities } from './priority.ts'
import { Series } from './series.ts'
import type { QueueMeter, WorkQueue } from './work-queue.ts'

/** How a reconcile ended, in controller-runtime's words. */
export type ReconcileResult = 'success' | 'requeue_after' | 'error'

/** The watches of a process as one: its oldest silence, its summed totals since the start. */
export interface WatchFacts {
  readonly synced: boolean
  /** Milliseconds since the last sign of life on the quietest watch. */
  readonly age: number
  readonly restarts: ReadonlyMap<string, number>
  readonly missedEvents: number
}

/** Desired state counted, for whoever scrapes. */
export interface Tally {
  /** By ready. */
  readonly configMaps: ReadonlyMap<string, number>
  /** The same of each processing unit. */
  readonly units: ReadonlyMap<string, ReadonlyMap<string, number>>
  /** By state, of each config type. */
  readonly resources: ReadonlyMap<string, ReadonlyMap<string, number>>
  /** What stands in status, by reason. */
  readonly reasons: ReadonlyMap<string, number>
  readonly suspended: number
}

/** What the process says in numbers. One object per process; the series are in `metric-table.ts`. */
export class Metrics implements Omit<Meter, 'converged'>, CallMeter {
  readonly #series = new Series()
  readonly #controller: { readonly controller: string }
  readonly #queue: { readonly name: string; readonly controller: string }
  readonly #scrapes: (() => void)[] = []
  readonly #figures = new Map<string, ReadonlyMap<ResourceKey, ReadonlyMap<string, number>>>()
  #cpuMicros = 0
  #busy = performance.eventLoopUtilization()

  /** `name`: the service's kind. */
  constructor(name: string, version: string) {
    this.#controller = { controller: name }
    this.#queue = { name, controller: name }
    this.#series.set('infometis_build_info', 1, { version, node: process.versions.node })
    this.#series.set('process_start_time_seconds', Math.round(performance.timeOrigin / 1_000))
    this.#scrapes.push(
      () => this.#process(),
      () => this.#fillFigures(),
    )
    this.#zero()
  }

  changed(action: string, outcome: 'done' | 'failed' | 'pending', count: number): void {
    this.#series.count('infometis_changes_total', { action, outcome }, count)
  }

  drifted(count: number): void {
    this.#series.count('infometis_drift_fields_total', {}, count)
  }

  measured(key: string, figures: ReadonlyMap<ResourceKey, ReadonlyMap<string, number>>): void {
    if (figures.size === 0) this.#figures.delete(key)
    else this.#figures.set(key, figures)
  }

  converged(seconds: number): void {
    this.#series.observe('infometis_change_to_ready_seconds', Math.max(0, seconds))
  }

  /** For the queue's own timings; its depth and the work in flight are read by `watchQueue`. */
  get queueMeter(): QueueMeter {
    const series = this.#series
    const labels = this.#queue
    return {
      added: () => series.count('workqueue_adds_total', labels),
      retried: () => series.count('workqueue_retries_total', labels),
      waited: (seconds) => series.observe('workqueue_queue_duration_seconds', seconds, labels),
      worked: (seconds) => series.observe('workqueue_work_duration_seconds', seconds, labels),
    }
  }

  workers(count: number): void {
    this.#series.set('controller_runtime_max_concurrent_reconciles', count, this.#controller)
  }

  began(): void {
    this.#series.add('controller_runtime_active_workers', 1, this.#controller)
  }

  ended(result: ReconcileResult, seconds: number): void {
    this.#series.add('controller_runtime_active_workers', -1, this.#controller)
    this.#series.observe('controller_runtime_reconcile_time_seconds', seconds, this.#controller)
    this.#series.count('controller_runtime_reconcile_total', { ...this.#controller, result })
    if (result === 'error') this.#series.count('controller_runtime_reconcile_errors_total', this.#controller)
    else this.#series.set('infometis_last_success_timestamp_seconds', Date.now() / 1_000)
  }

  stalled(): void {
    this.#series.count('controller_runtime_terminal_reconcile_errors_total', this.#controller)
  }

  panicked(): void {
    this.#series.count('controller_runtime_reconcile_panics_total', this.#controller)
  }

  timedOut(): void {
    this.#series.count('controller_runtime_reconcile_timeouts_total', this.#controller)
  }

  /** One request to the Kubernetes API; `status` is 0 where no answer came. */
  requested(verb: string, status: number, seconds: number): void {
    const code = status === 0 ? '<error>' : String(status)
    this.#series.count('rest_client_requests_total', { code, method: verb })
    this.#series.observe('rest_client_request_duration_seconds', seconds, { verb })
  }

  called(call: string, seconds: number, reason: Reason | undefined): void {
    this.#series.observe('infometis_service_call_duration_seconds', seconds, { call })
    if (reason !== undefined) this.#series.count('infometis_service_call_errors_total', { call, reason })
  }

  /** `lease`: its name. */
  leader(lease: string, leading: boolean): void {
    this.#series.set('leader_election_master_status', leading ? 1 : 0, { name: lease })
  }

  serviceUp(up: boolean): void {
    this.#series.set('infometis_service_up', up ? 1 : 0)
  }

  watchQueue(queue: WorkQueue): void {
    this.#scrapes.push(() => {
      for (const priority of priorities) {
        this.#series.set('workqueue_depth', queue.depth(priority), { ...this.#queue, priority })
      }
      const ages = queue.inFlight()
      const sum = ages.reduce((total, age) => total + age, 0)
      this.#series.set('workqueue_unfinished_work_seconds', sum, this.#queue)
      this.#series.set('workqueue_longest_running_processor_seconds', Math.max(0, ...ages), this.#queue)
      this.#series.set('infometis_queue_oldest_key_seconds', queue.oldest())
    })
  }

  watchState(read: () => { readonly tally: Tally; readonly watch: WatchFacts }): void {
    this.#scrapes.push(() => {
      const { tally, watch } = read()
      this.#fill('infometis_config_maps', 'ready', tally.configMaps)
      this.#fill('infometis_status_entries', 'reason', tally.reasons)
      this.#fillEach('infometis_unit_config_maps', ['unit', 'ready'], tally.units)
      this.#fillEach('infometis_resources', ['type', 'state'], tally.resources)
      this.#series.set('infometis_held_changes', inState('held', tally))
      this.#series.set('infometis_refused_changes', inState('refused', tally))
      this.#series.set('infometis_suspended', tally.suspended)
      this.#series.set('infometis_watch_synced', watch.synced ? 1 : 0)
      this.#series.set('infometis_watch_last_event_age_seconds', watch.age / 1_000)
      this.#series.total('infometis_watch_missed_events_total', watch.missedEvents)
      for (const [reason, total] of watch.restarts) {
        this.#series.total('infometis_watch_restarts_total', total, { reason })
      }
    })
  }

  get contentType(): string {
    return this.#series.contentType
  }

  /** The exposition text. */
  text(): Promise<string> {
    for (const scrape of this.#scrapes) scrape()
    return this.#series.text()
  }

  #fillFigures(): void {
    this.#series.clear('infometis_resource_figure')
    for (const [resource, figures] of [...this.#figures.values()].flatMap((of) => [...of])) {
      const { type, name } = resourceOf(resource)
      for (const [figure, value] of figures)
        this.#series.set('infometis_resource_figure', value, { type, name, figure })
    }
  }

  /** What has not happened is 0, not absent: an alert on the first error needs the zero before it. */
  #zero(): void {
    for (const result of ['success', 'requeue_after', 'error']) {
      this.#series.count('controller_runtime_reconcile_total', { ...this.#controller, result }, 0)
    }
    this.#series.count('controller_runtime_reconcile_errors_total', this.#controller, 0)
    this.#series.count('controller_runtime_terminal_reconcile_errors_total', this.#controller, 0)
    this.#series.count('controller_runtime_reconcile_panics_total', this.#controller, 0)
    this.#series.count('controller_runtime_reconcile_timeouts_total', this.#controller, 0)
    this.#series.count('workqueue_adds_total', this.#queue, 0)
    this.#series.count('workqueue_retries_total', this.#queue, 0)
  }

  #fill(
    name: 'infometis_config_maps' | 'infometis_status_entries',
    label: string,
    counts: ReadonlyMap<string, number>,
  ): void {
    this.#series.clear(name)
    for (const [value, count] of counts) this.#series.set(name, count, { [label]: value })
  }

  #fillEach(
    name: 'infometis_unit_config_maps' | 'infometis_resources',
    [outer, inner]: readonly [string, string],
    counts: ReadonlyMap<string, ReadonlyMap<string, number>>,
  ): void {
    this.#series.clear(name)
    for (const [of, each] of counts)
      for (const [value, count] of each) this.#series.set(name, count, { [outer]: of, [inner]: value })
  }

  /** Read at the scrape only: prom-client's own collectors keep an event-loop histogram running all the time. */
  #process(): void {
    const { user, system } = process.cpuUsage()
    this.#series.count('process_cpu_seconds_total', {}, (user + system - this.#cpuMicros) / 1e6)
    this.#cpuMicros = user + system
    const { rss, heapUsed } = process.memoryUsage()
    this.#series.set('process_resident_memory_bytes', rss)
    this.#series.set('nodejs_heap_size_used_bytes', heapUsed)
    const busy = performance.eventLoopUtilization()
    this.#series.set(
      'nodejs_eventloop_utilization_ratio',
      performance.eventLoopUtilization(busy, this.#busy).utilization,
    )
    this.#busy = busy
  }
}

function inState(state: string, { resources }: Tally): number {
  return [...resources.values()].reduce((sum, counts) => sum + (counts.get(state) ?? 0), 0)
}
