import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TlsFiles } from './tls.ts'

export interface Listeners {
  port: number
  tlsPort: number
  close(): Promise<void>
}

export interface ListenOptions {
  host: string
  port: number
  tlsPort: number
  tls: TlsFiles
}

/** How long requests in progress may go on once the server closes. */
const CLOSE_GRACE = 2000

/** Serves `listener` over HTTP and TLS. Throws a sentence when a port cannot be had. */
export async function listen(
  options: ListenOptions,
  listener: RequestListener,
  onClientError: (error: Error, socket: Duplex) => void,
): Promise<Listeners> {
  // A push or a build's output may take long; a request's headers may not.
  const limits = { requestTimeout: 0, headersTimeout: 30_000, keepAliveTimeout: 65_000 }
  const plain = createServer(limits, listener)
  const secure = createTlsServer({ ...limits, cert: options.tls.cert, key: options.tls.key }, listener)
  plain.on('clientError', onClientError)
  secure.on('clientError', onClientError)
  const port = await bind(plain, options.host, options.port, '--port')
  try {
    const tlsPort = await bind(secure, options.host, options.tlsPort, '--tls-port')
    return { port, tlsPort, close: async () => void (await Promise.all([close(plain), close(secure)])) }
  } catch (error) {
    await close(plain)
    throw error
  }
}

function bind(server: Server, host: string, port: number, flag: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'another program is using it' : error.message
      reject(
        new Error(
          `Cannot listen on ${host}:${port}: ${reason}. Choose another port with ${flag}, or stop what uses this one.`,
        ),
      )
    })
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port))
  })
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return
  await new Promise<void>(resolve => {
    server.close(() => resolve())
    server.closeIdleConnections()
    setTimeout(() => server.closeAllConnections(), CLOSE_GRACE).unref()
  })
}
