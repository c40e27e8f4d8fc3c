/**
 * Elasticsearch's own custom for the indices behind an alias: a dash and six digits. The first of them is a zero, so that
 * `logs-202611` stays an index of its own (a month's), and `orders-0*` asks for every generation.
 */
const generation = /^(.+)-(0\d{5})$/s
const last = 99_999

/** `orders`, 2 → `orders-000002`. */
export function generationName(name: string, number: number): string {
  return `${name}-${number.toString().padStart(6, '0')}`
}

/** `orders-000002` → orders and 2; undefined for a name of another form. */
export function parseGeneration(
  index: string,
): { readonly name: string; readonly number: number } | undefined {
  const [, name, digits] = generation.exec(index) ?? []
  return name === undefined ? undefined : { name, number: Number(digits) }
}

/** Which generation of `name` an index is: `orders`, `orders-000002` → 2; undefined if it is none of it. */
export function generationOf(name: string, index: string): number | undefined {
  const parsed = parseGeneration(index)
  return parsed?.name === name ? parsed.number : undefined
}

/** The name after the highest generation among `indices`, `orders-000001` where there is none; past the last, the lowest that is free. */
export function nextGeneration(name: string, indices: Iterable<string>): string {
  const taken = new Set<number>()
  for (const index of indices) taken.add(generationOf(name, index) ?? 0)
  let next = Math.max(0, ...taken) + 1
  if (next > last) for (next = 1; taken.has(next);) next += 1
  return generationName(name, next)
}
