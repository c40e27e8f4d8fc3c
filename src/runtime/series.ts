import Counter from 'prom-client/lib/counter.js'
import Gauge from 'prom-client/lib/gauge.js'
import Histogram from 'prom-client/lib/histogram.js'
import Registry from 'prom-client/lib/registry.js'
import type { MetricName } from './metric-table.ts'
import { metricRows } from './metric-table.ts'

export type Labels = Readonly<Record<string, string>>

/** The series of one process, made from the table. Its own registry: two reconcilers in one test do not meet. */
export class Series {
  readonly #registry = new Registry()
  readonly #counters = new Map<string, Counter>()
  readonly #gauges = new Map<string, Gauge>()
  readonly #histograms = new Map<string, Histogram>()
  readonly #totals = new Map<string, number>()

  constructor() {
    for (const [name, row] of metricRows()) {
      const common = { name, help: row.help, labelNames: [...row.labels], registers: [this.#registry] }
      if (row.type === 'counter') this.#counters.set(name, new Counter(common))
      else if (row.type === 'gauge') this.#gauges.set(name, new Gauge(common))
      else this.#histograms.set(name, new Histogram({ ...common, buckets: [...(row.buckets ?? [])] }))
    }
  }

  count(name: MetricName<'counter'>, labels: Labels = {}, by = 1): void {
    this.#counters.get(name)?.inc(labels, by)
  }

  /** Brings a counter to a total that somebody else keeps. */
  total(name: MetricName<'counter'>, total: number, labels: Labels = {}): void {
    const series = `${name} ${JSON.stringify(labels)}`
    const by = total - (this.#totals.get(series) ?? 0)
    if (by <= 0) return
    this.#totals.set(series, total)
    this.count(name, labels, by)
  }

  set(name: MetricName<'gauge'>, value: number, labels: Labels = {}): void {
    this.#gauges.get(name)?.set(labels, value)
  }

  add(name: MetricName<'gauge'>, by: number, labels: Labels = {}): void {
    this.#gauges.get(name)?.inc(labels, by)
  }

  observe(name: MetricName<'histogram'>, value: number, labels: Labels = {}): void {
    this.#histograms.get(name)?.observe(labels, value)
  }

  /** Forgets the label sets of a gauge, before it is set anew from a count. */
  clear(name: MetricName<'gauge'>): void {
    this.#gauges.get(name)?.reset()
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  text(): Promise<string> {
    return this.#registry.metrics()
  }
}
