import type { RedisClientOptions } from '@redis/client'
import type { Duration } from '../../../core/time.ts'

/** How long a server may take for one answer of ours: a script of an app holds it up to 5 s before it is told so. */
const PATIENCE: Duration = 6000

/** Where a server listens, and as whom we come. */
export type Door = Pick<RedisClientOptions, 'username' | 'password' | 'database'> & {
  socket: { path: string; tls: false } | { host: string; port: number; tls?: true }
}

/** The server answered, and its answer was no. */
export class RedisError extends Error {
  override readonly name = 'RedisError'
}

/** One connection of ours to a server: once it has ended it stays so. */
export interface Link {
  /** Resolves when the connection has ended, whoever ended it. */
  ended: Promise<void>
  isOpen(): boolean
  /** Throws {@link RedisError}, or a plain Error when there is no answer; then the link has ended. */
  send(...words: readonly string[]): Promise<unknown>
  close(): void
}

/** Connects. Throws what `send` throws, or with the system's code (`ECONNREFUSED`, `ENOENT`) when nothing listens. */
export async function openLink(door: Door, signal: AbortSignal): Promise<Link> {
  const { createClient, ErrorReply } = await import('@redis/client')
  signal.throwIfAborted()
  const client = createClient({
    ...door,
    socket: { ...door.socket, reconnectStrategy: false } as NonNullable<RedisClientOptions['socket']>,
    RESP: 2,
    disableOfflineQueue: true,
    disableClientInfo: true,
  })
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  // What matters of an error is the end of the connection, or the answer that did not come.
  client.on('error', () => {})
  client.on('terminated', end)
  client.on('end', end)
  const answer = async <T>(asking: Promise<T>): Promise<T> => {
    const limit = Promise.withResolvers<never>()
    const timer = setTimeout(() => limit.reject(new Error(NO_ANSWER)), PATIENCE)
    const abort = (): void => limit.reject(signal.reason)
    signal.addEventListener('abort', abort)
    try {
      return await Promise.race([asking, limit.promise])
    } catch (error) {
      if (error instanceof ErrorReply) throw new RedisError(error.message)
      client.destroy()
      throw error
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    }
  }
  try {
    await answer(client.connect())
  } catch (error) {
    client.destroy()
    throw error
  }
  return {
    ended,
    isOpen: () => client.isReady,
    send: (...words) => answer(client.sendCommand(words)),
    close: () => client.destroy(),
  }
}

const NO_ANSWER = `There was no answer within ${PATIENCE / 1000} s.`
