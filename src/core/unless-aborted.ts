/** `answer`, unless `signal` aborts before: then rejects with its reason, and nobody minds how the answer ends. */
export async function unlessAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason)
  answer.catch(() => {})
  if (signal.aborted) throw signal.reason
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([answer, promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
