/**
 * KRaft refuses a request that would write more than 10,000 records (`QuorumController.MAX_RECORDS_PER_USER_OP`);
 * 8,000 leaves room for what the controller adds of its own.
 */
const maxWeight = 8_000

/** Cut into batches of bounded weight, in order. What is heavier than a batch goes alone: the broker has the last word. */
export function batchesOf<T>(
  items: readonly T[],
  weight: (item: T) => number,
  max = maxWeight,
): readonly (readonly T[])[] {
  const batches: T[][] = []
  let current: T[] = []
  let sum = 0
  for (const item of items) {
    const more = weight(item)
    if (current.length > 0 && sum + more > max) {
      batches.push(current)
      current = []
      sum = 0
    }
    current.push(item)
    sum += more
  }
  return current.length > 0 ? [...batches, current] : batches
}

/**
 * Cut so that no key is twice in one group, in order. A change can come in parts (some of its fields wait for approval),
 * and Kafka refuses a request that names a topic twice.
 */
export function groupsOf<T>(items: readonly T[], key: (item: T) => string): readonly (readonly T[])[] {
  const seen = new Map<string, number>()
  const groups: T[][] = []
  for (const item of items) {
    const nth = seen.get(key(item)) ?? 0
    seen.set(key(item), nth + 1)
    const group = groups[nth]
    if (group === undefined) groups.push([item])
    else group.push(item)
  }
  return groups
}
