import { ProviderUnavailable } from '../../provider.ts'

/** `answer`, unless `signal` aborts before: then rejects with its reason, and nobody minds how the answer ends. */
export async function until<T>(signal: AbortSignal, answer: Promise<T>): Promise<T> {
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

/** The same, and unavailable when there is no answer within `patience` milliseconds. */
export async function within<T>(patience: number, signal: AbortSignal, answer: Promise<T>): Promise<T> {
  const limit = new AbortController()
  const timer = setTimeout(
    () =>
      limit.abort(
        new ProviderUnavailable('The PostgreSQL server for add-ons does not answer. Try again later.'),
      ),
    patience,
  )
  try {
    return await until(AbortSignal.any([signal, limit.signal]), answer)
  } finally {
    clearTimeout(timer)
  }
}
