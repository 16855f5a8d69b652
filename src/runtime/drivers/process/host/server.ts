import { rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import type { Duration } from '../../../../core/time.ts'
import { receiveJson, sendJson } from '../json-lines.ts'
import { type FromHost, PROTOCOL, type Request, type Result, SOCKET, type ToHost } from '../protocol.ts'
import type { Host } from './host.ts'

const FLUSH_TIMEOUT: Duration = 1000
const POLL: Duration = 10

/** Lets control planes talk to a host: usually one, two for a moment while one replaces the other. */
export class HostServer {
  readonly #host: Host
  readonly #server: Server
  /** The connection that gets the lines: the one that asked last. */
  #subscriber: Socket | undefined
  readonly #closed: () => void

  /** `closed` is called once a control plane had every dyno ended and was told so. */
  constructor(host: Host, closed: () => void) {
    this.#host = host
    this.#closed = closed
    this.#server = createServer(socket => this.#serve(socket))
  }

  /** Listens in the working directory. Whoever runs a host holds its directory's lock: a socket there is a dead one's. */
  listen(): Promise<void> {
    rmSync(SOCKET, { force: true })
    const before = process.umask(0o177)
    return new Promise((resolve, reject) => {
      this.#server.on('error', reject)
      this.#server.listen(SOCKET, resolve)
      process.umask(before)
    })
  }

  #serve(socket: Socket): void {
    const send = (message: FromHost) => sendJson(socket, message)
    const unwatch = this.#host.watch(dyno => send({ type: 'dyno', dyno }))
    // What a broken connection held is delivered to the next one.
    socket.on('error', () => {})
    socket.on('close', () => {
      unwatch()
      this.#unsubscribe(socket)
    })
    receiveJson(socket, message => void this.#receive(message as ToHost, socket, send))
    send({ type: 'hello', protocol: PROTOCOL, pid: process.pid, caveats: this.#host.caveats })
  }

  async #receive(message: ToHost, socket: Socket, send: (message: FromHost) => void): Promise<void> {
    switch (message.type) {
      case 'request':
        send({ type: 'reply', number: message.number, result: await this.#answer(message.request) })
        if (message.request.verb === 'close') socket.end(this.#closed)
        return
      case 'subscribe':
        this.#subscriber = socket
        return this.#host.outbox.subscribe((batch, lines) => send({ type: 'lines', batch, lines }))
      case 'unsubscribe':
        return this.#unsubscribe(socket)
      case 'ack':
        return this.#host.outbox.ack(message.batch)
    }
  }

  async #answer(request: Request): Promise<Result> {
    try {
      const dynos = await this.#host.handle(request)
      if (request.verb === 'close') {
        // Whoever comes now needs another host.
        this.#server.close()
        await this.#flush()
      }
      return { ok: true, dynos }
    } catch (error) {
      return { ok: false, fault: (error as Error).message }
    }
  }

  #unsubscribe(socket: Socket): void {
    if (this.#subscriber !== socket) return
    this.#subscriber = undefined
    this.#host.outbox.unsubscribe()
  }

  /** Gives the last lines a moment to be taken. */
  async #flush(): Promise<void> {
    const { outbox } = this.#host
    const limit = AbortSignal.timeout(FLUSH_TIMEOUT)
    while (!outbox.isEmpty && outbox.hasSubscriber && !limit.aborted)
      await new Promise(resolve => setTimeout(resolve, POLL))
  }
}
