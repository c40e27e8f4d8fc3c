/** The known word that was probably meant: at most two letters in five wrong; undefined when none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const near = known
    .map((candidate) => ({ candidate, distance: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance: wrong }) => wrong <= Math.ceil(candidate.length * 0.4))
    .sort((a, b) => a.distance - b.distance)
  return near[0]?.candidate
}

/** Levenshtein's distance. Words longer than 64 are not compared: nobody mistypes that far. */
function distance(a: string, b: string): number {
  if (a.length > 64 || b.length > 64) return Infinity
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (const [row, letter] of Array.from(a).entries()) {
    const current = [row + 1]
    for (const [column, other] of Array.from(b).entries()) {
      const substituted = (previous[column] ?? 0) + (letter === other ? 0 : 1)
      current.push(Math.min(substituted, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1))
    }
    previous = current
  }
  return previous[b.length] ?? 0
}
