import type { IncomingMessage } from 'node:http'
import type { Deadlines, Timed } from './deadlines.ts'
import type { Limits } from './limits.ts'

/**
 * Lets a client go on sending a request that was already refused, for a while: closing at once would reset the
 * connection, and the client might never read why.
 */
export function linger(
  request: IncomingMessage,
  { deadlines, limits }: { deadlines: Deadlines; limits: Limits },
): void {
  const entry: Timed = {
    deadline: performance.now() + limits.linger,
    slot: -1,
    expire: () => {
      deadlines.forget(entry)
      request.socket.destroy()
    },
  }
  deadlines.watch(entry)
  request.once('close', () => deadlines.forget(entry))
  request.resume()
}
