import { connect } from 'node:net'
import type { Duration } from '../../../../core/time.ts'

const FIRST_PAUSE: Duration = 2
const LONGEST_PAUSE: Duration = 100
const CONNECT_TIMEOUT: Duration = 1000

/**
 * Resolves with the loopback address on which `port` accepts connections, as soon as one does; undefined when
 * `signal` aborts first. Tries every 2 ms for a while, then ever more seldom.
 */
export async function acceptingAddress(port: number, signal: AbortSignal): Promise<string | undefined> {
  for (let pause = FIRST_PAUSE; !signal.aborted; pause = Math.min(LONGEST_PAUSE, pause * 1.02)) {
    if (await accepts('127.0.0.1', port)) return `127.0.0.1:${port}`
    // Asked once more, as a listener on both addresses may have come between the two questions.
    if (await accepts('::1', port))
      return (await accepts('127.0.0.1', port)) ? `127.0.0.1:${port}` : `[::1]:${port}`
    await wait(pause, signal)
  }
  return undefined
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host, port })
    const settle = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(CONNECT_TIMEOUT, () => settle(false))
    socket.on('connect', () => settle(true))
    socket.on('error', () => settle(false))
  })
}

function wait(duration: Duration, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, duration)
    signal.addEventListener('abort', done)
  })
}
