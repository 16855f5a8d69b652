/** Does `task` for every item at once, whether or not others fail. Answers why some did, by item. */
export async function failuresOf<T>(
  items: readonly T[],
  task: (item: T) => Promise<void>,
): Promise<Map<T, unknown>> {
  const failures = new Map<T, unknown>()
  await Promise.all(items.map(item => task(item).catch(error => failures.set(item, error))))
  return failures
}
