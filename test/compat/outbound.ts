import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:net'

/** A proxy that leads nowhere, and remembers who was to be reached through it. */
export class Outbound implements AsyncDisposable {
  readonly #server: Server
  /** First lines of requests: `CONNECT api.example.com:443 HTTP/1.1`. */
  readonly requests: string[] = []

  private constructor() {
    this.#server = createServer(socket => {
      socket.on('error', () => {})
      socket.once('data', chunk => {
        this.requests.push(String(chunk).split('\r\n')[0] ?? '')
        socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
      })
    })
  }

  static async listen(): Promise<Outbound> {
    const outbound = new Outbound()
    outbound.#server.listen(0, '127.0.0.1')
    await once(outbound.#server, 'listening')
    return outbound
  }

  /** Sends everything but what is for this machine to the proxy. */
  get environment(): Record<string, string> {
    const url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    const local = 'localhost,127.0.0.1'
    return {
      ...{ HTTP_PROXY: url, HTTPS_PROXY: url, ALL_PROXY: url, NO_PROXY: local },
      ...{ http_proxy: url, https_proxy: url, all_proxy: url, no_proxy: local },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    await once(this.#server, 'close')
  }
}
