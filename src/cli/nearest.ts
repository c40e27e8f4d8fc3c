import { nearest } from '../core/nearest.ts'

/** `unknown service "kafak"; did you mean "kafka"? Known: elasticsearch, kafka`. */
export function unknown(noun: string, word: string, known: readonly string[]): string {
  const near = nearest(word, known)
  const hint = near === undefined ? '.' : `; did you mean "${near}"?`
  return `unknown ${noun} ${JSON.stringify(word)}${hint} Known: ${[...known].sort().join(', ')}`
}
