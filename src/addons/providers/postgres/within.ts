import { unlessAborted } from '../../../core/unless-aborted.ts'
import { ProviderUnavailable } from '../../provider.ts'

/** `answer`, unless `signal` aborts before; unavailable when there is none within `patience` milliseconds. */
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
    return await unlessAborted(answer, AbortSignal.any([signal, limit.signal]))
  } finally {
    clearTimeout(timer)
  }
}
