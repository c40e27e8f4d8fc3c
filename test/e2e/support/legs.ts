interface Leg {
  readonly what: string
  readonly seconds: number
}

/** What took how long, printed as one table at the end: the lines begin with `# `, which the runner of the suites lets through. */
export class Legs {
  readonly #legs = new Map<string, Leg[]>()

  add(scenario: string, what: string, milliseconds: number): void {
    const legs = this.#legs.get(scenario) ?? []
    legs.push({ what, seconds: milliseconds / 1_000 })
    this.#legs.set(scenario, legs)
  }

  async time<T>(scenario: string, what: string, work: () => Promise<T>): Promise<T> {
    const started = performance.now()
    const result = await work()
    this.add(scenario, what, performance.now() - started)
    return result
  }

  lines(): readonly string[] {
    const width = Math.max(0, ...[...this.#legs.values()].flat().map(({ what }) => what.length))
    return [...this.#legs].flatMap(([scenario, legs]) => [
      `# ${scenario}`,
      ...legs.map(({ what, seconds }) => `#   ${what.padEnd(width)}  ${seconds.toFixed(2).padStart(7)} s`),
    ])
  }
}
