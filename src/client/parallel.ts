/** The results in the order of the items, with at most `width` at work. The first failure ends it: nothing more is begun. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results = new Array<Result>(items.length)
  // Of a list's own iterator the other workers would take on after a failure; that of a helper is closed for all.
  const queue = items.entries().take(items.length)
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker))
  return results
}
