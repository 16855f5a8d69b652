import { connect, type Socket } from 'node:net'
import type { Duration } from '../core/time.ts'

/** The dyno did not answer a connection attempt in time. */
export class ConnectTimeout extends Error {
  override readonly name = 'ConnectTimeout'
}

export interface Address {
  host: string
  port: number
}

/** Opens a connection within `timeout`. Calls back once, with the socket or with why there is none. */
export function dial(
  address: Address,
  timeout: Duration,
  callback: (...result: [null, Socket] | [Error, null]) => void,
): void {
  const socket = connect({ host: address.host, port: address.port, noDelay: true })
  const timer = setTimeout(() => {
    socket.destroy(
      new ConnectTimeout(`${address.host}:${address.port} did not accept a connection within ${timeout} ms.`),
    )
  }, timeout)
  const failed = (fault: Error) => {
    clearTimeout(timer)
    callback(fault, null)
  }
  socket.once('error', failed)
  socket.once('connect', () => {
    clearTimeout(timer)
    socket.off('error', failed)
    callback(null, socket)
  })
}
