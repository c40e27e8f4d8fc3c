/** What must end, the last first. */
export class Cleanup {
  readonly #ends: (() => Promise<unknown> | undefined)[] = []

  add(end: () => Promise<unknown> | undefined): void {
    this.#ends.push(end)
  }

  /** Runs all of them, whatever one of them says; throws the first failure afterwards. */
  async run(): Promise<void> {
    const failures: unknown[] = []
    for (let end = this.#ends.pop(); end !== undefined; end = this.#ends.pop()) {
      try {
        await end()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }
}
