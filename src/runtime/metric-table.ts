interface MetricRow {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly labels: readonly string[]
  readonly help: string
  /** Upper bounds in seconds; histograms only. */
  readonly buckets?: readonly number[]
}

const latency = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]
const queue = ['name', 'controller']

/**
 * Every metric there is. The names of controller-runtime and client-go are kept where one exists, so that dashboards
 * made for them work. No label names an object: a series per topic would cost more than the topic.
 */
export const metricTable = {
  controller_runtime_reconcile_total: {
    type: 'counter',
    labels: ['controller', 'result'],
    help: 'Reconciles by result: success, requeue_after or error.',
  },
  controller_runtime_reconcile_errors_total: {
    type: 'counter',
    labels: ['controller'],
    help: 'Reconciles that ended with an error, terminal ones included.',
  },
  controller_runtime_terminal_reconcile_errors_total: {
    type: 'counter',
    labels: ['controller'],
    help: 'Reconciles that ended with an error that a retry does not mend.',
  },
  controller_runtime_reconcile_panics_total: {
    type: 'counter',
    labels: ['controller'],
    help: 'Reconciles that threw, which they never should.',
  },
  controller_runtime_reconcile_timeouts_total: {
    type: 'counter',
    labels: ['controller'],
    help: 'Reconciles that ran into their deadline.',
  },
  controller_runtime_reconcile_time_seconds: {
    type: 'histogram',
    labels: ['controller'],
    help: 'Length of a reconcile.',
    buckets: latency,
  },
  controller_runtime_active_workers: {
    type: 'gauge',
    labels: ['controller'],
    help: 'Reconciles in flight.',
  },
  controller_runtime_max_concurrent_reconciles: {
    type: 'gauge',
    labels: ['controller'],
    help: 'Reconciles that may be in flight.',
  },
  workqueue_depth: {
    type: 'gauge',
    labels: [...queue, 'priority'],
    help: 'Keys ready and not yet taken, by priority: change, retry or resync.',
  },
  workqueue_adds_total: { type: 'counter', labels: queue, help: 'Keys that became ready.' },
  workqueue_retries_total: { type: 'counter', labels: queue, help: 'Keys sent back with a backoff.' },
  workqueue_queue_duration_seconds: {
    type: 'histogram',
    labels: queue,
    help: 'Time from ready to taken.',
    buckets: latency,
  },
  workqueue_work_duration_seconds: {
    type: 'histogram',
    labels: queue,
    help: 'Time from taken to done.',
    buckets: latency,
  },
  workqueue_unfinished_work_seconds: {
    type: 'gauge',
    labels: queue,
    help: 'Sum of the ages of the reconciles in flight; a steady rise means that they are stuck.',
  },
  workqueue_longest_running_processor_seconds: {
    type: 'gauge',
    labels: queue,
    help: 'Age of the oldest reconcile in flight.',
  },
  infometis_queue_oldest_key_seconds: {
    type: 'gauge',
    labels: [],
    help: 'How long the key that has waited longest has been ready without being taken; 0 where none waits.',
  },
  leader_election_master_status: {
    type: 'gauge',
    labels: ['name'],
    help: '1 while this replica holds the lease, 0 while it stands by; absent without LEADER_ELECTION.',
  },
  rest_client_requests_total: {
    type: 'counter',
    labels: ['code', 'method'],
    help: 'Requests to the Kubernetes API by status code (`<error>` when none came) and Kubernetes verb.',
  },
  rest_client_request_duration_seconds: {
    type: 'histogram',
    labels: ['verb'],
    help: 'Time of a request to the Kubernetes API; of a watch, until it began.',
    buckets: latency,
  },
  infometis_config_maps: {
    type: 'gauge',
    labels: ['ready'],
    help: 'Desired ConfigMaps by the ready of their status: True, False or Unknown.',
  },
  infometis_unit_config_maps: {
    type: 'gauge',
    labels: ['unit', 'ready'],
    help: 'The same of each processing unit: ConfigMaps with the label infometis.io/unit.',
  },
  infometis_resources: {
    type: 'gauge',
    labels: ['type', 'state'],
    help: 'Resources by config type and state: ready, or the state that their status names.',
  },
  infometis_status_entries: {
    type: 'gauge',
    labels: ['reason'],
    help: 'Entries of every status by their reason: SecretNotUsable, RejectedByServer, the code of a rule.',
  },
  infometis_resource_figure: {
    type: 'gauge',
    labels: ['type', 'name', 'figure'],
    help: 'How a resource does, in the figures that its service has: of a flow, queued_flowfiles and more.',
  },
  infometis_drift_fields_total: {
    type: 'counter',
    labels: [],
    help: 'Fields found changed on the service although Git did not move.',
  },
  infometis_changes_total: {
    type: 'counter',
    labels: ['action', 'outcome'],
    help: 'Changes sent to the service by action and by what became of them: done, failed or pending.',
  },
  infometis_change_to_ready_seconds: {
    type: 'histogram',
    labels: [],
    help: 'Time from seeing a written change to Ready.',
    buckets: latency,
  },
  infometis_held_changes: {
    type: 'gauge',
    labels: [],
    help: 'Resources with a change that waits for approval.',
  },
  infometis_refused_changes: {
    type: 'gauge',
    labels: [],
    help: 'Resources with a change that a rule refuses.',
  },
  infometis_suspended: {
    type: 'gauge',
    labels: [],
    help: 'Desired ConfigMaps that are suspended, by annotation or by infometis-control.',
  },
  infometis_watch_synced: {
    type: 'gauge',
    labels: [],
    help: '1 once the first consistent list of every watch has been read.',
  },
  infometis_watch_last_event_age_seconds: {
    type: 'gauge',
    labels: [],
    help: 'Silence of the quietest watch; bookmarks count, so about 60 is usual and 140 is not.',
  },
  infometis_watch_restarts_total: {
    type: 'counter',
    labels: ['reason'],
    help: 'Watches begun again, by why the one before ended.',
  },
  infometis_watch_missed_events_total: {
    type: 'counter',
    labels: [],
    help: 'Differences that a relist found and the watch had not told.',
  },
  infometis_service_up: { type: 'gauge', labels: [], help: '1 when the service answered the last ping.' },
  infometis_service_call_duration_seconds: {
    type: 'histogram',
    labels: ['call'],
    help: 'Time of a call to the service: ping, list, observe, validate, canonical or apply. One call may be many requests.',
    buckets: latency,
  },
  infometis_service_call_errors_total: {
    type: 'counter',
    labels: ['call', 'reason'],
    help: 'Calls to the service that failed as a whole, by reason. What failed for one resource is in infometis_changes_total.',
  },
  infometis_last_success_timestamp_seconds: {
    type: 'gauge',
    labels: [],
    help: 'Unix time of the last reconcile that ended well.',
  },
  infometis_build_info: {
    type: 'gauge',
    labels: ['version', 'node'],
    help: 'Always 1; the labels say what runs.',
  },
  process_cpu_seconds_total: { type: 'counter', labels: [], help: 'User and system CPU time.' },
  process_resident_memory_bytes: { type: 'gauge', labels: [], help: 'Resident memory.' },
  process_start_time_seconds: { type: 'gauge', labels: [], help: 'Unix time of the process start.' },
  nodejs_heap_size_used_bytes: { type: 'gauge', labels: [], help: 'Used V8 heap.' },
  nodejs_eventloop_utilization_ratio: {
    type: 'gauge',
    labels: [],
    help: 'Share of time that the event loop was busy since the last scrape.',
  },
} as const satisfies Readonly<Record<string, MetricRow>>

type Table = typeof metricTable

export type MetricName<T extends MetricRow['type'] = MetricRow['type']> = {
  [N in keyof Table]: Table[N]['type'] extends T ? N : never
}[keyof Table]

/** The rows as they are used in a loop. */
export function metricRows(): readonly (readonly [name: string, row: MetricRow])[] {
  return Object.entries(metricTable)
}

/** The table as Markdown; README.md carries it between markers and a test keeps it there. */
export function metricsTable(): string {
  const rows = metricRows().map(
    ([name, { type, labels, help }]) => `| \`${name}\` | ${type} | ${labels.join(', ')} | ${help} |`,
  )
  return ['| name | type | labels | what it says |', '|---|---|---|---|', ...rows].join('\n')
}
