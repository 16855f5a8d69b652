/** Enough to keep a disk busy, few enough to keep memory and open files bounded. */
const BATCH = 64

/** Does `task` for every item, some at a time. Results come in the order of the items. */
export async function inBatches<T, R>(items: readonly T[], task: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let i = 0; i < items.length; i += BATCH)
    results.push(...(await Promise.all(items.slice(i, i + BATCH).map(task))))
  return results
}
