import { connect } from 'node:net'
import type { Duration } from '../../core/time.ts'

const FIRST_PAUSE: Duration = 2
const LONGEST_PAUSE: Duration = 100
const CONNECT_TIMEOUT: Duration = 1000

/**
 * Resolves with the loopback address on which `port` accepts connections, as soon as one does; undefined when
 * `signal` aborts first. Tries every 2 ms for a while, then ever more seldom.
 */
export async function acceptingAddress(port: number, signal: AbortSignal): Promise<string | undefined> {
  return asked(() => loopback(port), signal)
}

/** Resolves as soon as something accepts connections on `port` of `host`: true, or false when `signal` aborts first. */
export async function accepting(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  return (await asked(async () => (await accepts(host, port)) || undefined, signal)) ?? false
}

async function asked<T>(question: () => Promise<T | undefined>, signal: AbortSignal): Promise<T | undefined> {
  for (let pause = FIRST_PAUSE; !signal.aborted; pause = Math.min(LONGEST_PAUSE, pause * 1.02)) {
    const answer = await question()
    if (answer !== undefined) return answer
    await wait(pause, signal)
  }
  return undefined
}

async function loopback(port: number): Promise<string | undefined> {
  if (await accepts('127.0.0.1', port)) return `127.0.0.1:${port}`
  if (!(await accepts('::1', port))) return undefined
  // Asked once more, as a listener on both addresses may have come between the two questions.
  return (await accepts('127.0.0.1', port)) ? `127.0.0.1:${port}` : `[::1]:${port}`
}

/** Whether something accepts connections there, now. */
export function accepts(host: string, port: number): Promise<boolean> {
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
