import { relative } from 'node:path'

/** The events of node:test that count; the rest is passed over. */
export interface TestEvent {
  readonly type: string
  readonly data?: unknown
}

interface TestData {
  readonly name: string
  readonly file?: string
  readonly nesting: number
  readonly skip?: string | boolean
  readonly details?: {
    readonly type?: string
    readonly error?: { readonly cause?: unknown } & Error
    readonly duration_ms?: number
  }
}

/** Counts tests (not suites), shows each file as it ends and each failure in full, and closes with one line for machines. */
export class Tally {
  readonly #out: (text: string) => void
  readonly #failures: string[] = []
  readonly #files = new Map<string, { passed: number; failed: number }>()
  readonly #ms = new Map<string, number>()
  #passed = 0
  #failed = 0
  #skipped = 0
  #suite = ''

  constructor(out: (text: string) => void) {
    this.#out = out
  }

  begin(suite: string, files: number): void {
    this.#flush()
    this.#suite = suite
    this.#out(`\n${suite}: ${files} files\n`)
  }

  take(event: TestEvent): void {
    if (event.type === 'test:stderr' || event.type === 'test:stdout') this.#echo(event.data)
    if (event.type !== 'test:pass' && event.type !== 'test:fail') return
    const data = event.data as TestData
    const file = data.file ?? this.#suite
    // A file that only holds tests is reported by itself as well; it counts only when it failed to load.
    if (event.type === 'test:pass' && data.nesting === 0 && data.name === file) return
    this.#clock(data, file)
    if (data.details?.type === 'suite') return
    this.#count(event.type === 'test:pass', data, file)
  }

  /** Prints failures again and the last line. True when all is well. */
  end(): boolean {
    this.#flush()
    for (const failure of this.#failures) this.#out(`\n${failure}\n`)
    const skipped = this.#skipped > 0 ? `, ${this.#skipped} skipped` : ''
    this.#out(`\n${this.#passed} passed, ${this.#failed} failed${skipped}\n`)
    return this.#failed === 0 && this.#passed > 0
  }

  /** Tests of a suite may run side by side, so that only what stands at the top of a file adds up. */
  #clock({ nesting, details }: TestData, file: string): void {
    if (nesting > 0) return
    this.#ms.set(file, (this.#ms.get(file) ?? 0) + (details?.duration_ms ?? 0))
  }

  #count(passed: boolean, data: TestData, file: string): void {
    if (data.skip !== undefined && data.skip !== false) {
      this.#skipped += 1
      return
    }
    const of = this.#files.get(file) ?? { passed: 0, failed: 0 }
    this.#files.set(file, of)
    if (passed) {
      of.passed += 1
      this.#passed += 1
      return
    }
    of.failed += 1
    this.#failed += 1
    const what = `✖ ${relative('.', file)}: ${data.name}`
    this.#failures.push(`${what}\n${reasonOf(data.details?.error)}`)
    this.#out(`  ${what}\n`)
  }

  #flush(): void {
    for (const [file, { passed, failed }] of this.#files) {
      const mark = failed > 0 ? '✖' : '✔'
      this.#out(
        `  ${mark} ${relative('.', file)}  ${passed} passed${failed > 0 ? `, ${failed} failed` : ''}  ${((this.#ms.get(file) ?? 0) / 1000).toFixed(1)} s\n`,
      )
    }
    this.#files.clear()
    this.#ms.clear()
  }

  #echo(data: unknown): void {
    const message = (data as { readonly message?: string }).message ?? ''
    const lines = message.split('\n').filter((line) => line.startsWith('# '))
    for (const line of lines) this.#out(`  ${line.slice(2)}\n`)
  }
}

/** node:test wraps what was thrown; the wrapped error has the stack that matters. */
function reasonOf(error: Error | undefined): string {
  const thrown = error?.cause instanceof Error ? error.cause : error
  return thrown?.stack ?? thrown?.message ?? 'no error was given'
}
