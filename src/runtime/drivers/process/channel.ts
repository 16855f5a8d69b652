import type { Socket } from 'node:net'
import type { Duration } from '../../../core/time.ts'
import type { LogBatch, ObservedDyno } from '../../driver.ts'
import { receiveJson, sendJson } from './json-lines.ts'
import { type FromHost, PROTOCOL, type Request, type ToHost } from './protocol.ts'

export interface ChannelOptions {
  /** Gives a connection to the host, starting the host when there is none. */
  dial(): Promise<Socket>
  onDyno(dyno: ObservedDyno): void
  onLines(batch: number, lines: LogBatch['lines']): void
  /** Called for each new connection but the first. */
  onReconnect(): void
}

interface Pending {
  request: Request
  resolve(dynos: readonly ObservedDyno[]): void
  reject(error: Error): void
}

const ATTEMPTS = 10
const FIRST_PAUSE: Duration = 50
const LONGEST_PAUSE: Duration = 2000

/** Requests to the host that survive a lost connection: all may be repeated, so what has no answer is asked again. */
export class HostChannel {
  /** What the host said of its machine. */
  caveats: readonly string[] = []
  readonly #options: ChannelOptions
  readonly #pending = new Map<number, Pending>()
  #socket: Socket | undefined
  #lastNumber = 0
  #isSubscribed = false
  #isOver = false

  constructor(options: ChannelOptions) {
    this.#options = options
  }

  /** Connects. Throws when there is no host and none can be started, or it speaks another protocol. */
  async open(): Promise<void> {
    for (let attempt = 1; !(await this.#connect()); attempt++) {
      if (attempt === ATTEMPTS) throw new Error('The dyno host closed every connection before it said hello.')
    }
    for (const [number, { request }] of this.#pending) this.#send({ type: 'request', number, request })
    if (this.#isSubscribed) this.#send({ type: 'subscribe' })
  }

  /** False when the host went away before it said hello: it was just ending, so the next one is due. */
  async #connect(): Promise<boolean> {
    const socket = await this.#options.dial()
    if (this.#isOver) socket.destroy()
    return new Promise((resolve, reject) => {
      // What matters of an error is the end of the connection, which follows.
      socket.on('error', () => {})
      socket.on('close', () => {
        if (this.#isOver) reject(new Error(DISCONNECTED))
        else resolve(false)
        this.#lost(socket)
      })
      receiveJson(socket, message => {
        const fault = this.#receive(message as FromHost, socket)
        if (fault === undefined) return resolve(true)
        reject(new Error(fault))
        socket.destroy()
      })
    })
  }

  request(request: Request): Promise<readonly ObservedDyno[]> {
    if (this.#isOver) return Promise.reject(new Error(DISCONNECTED))
    const number = ++this.#lastNumber
    return new Promise((resolve, reject) => {
      this.#pending.set(number, { request, resolve, reject })
      this.#send({ type: 'request', number, request })
    })
  }

  subscribe(): void {
    this.#isSubscribed = true
    this.#send({ type: 'subscribe' })
  }

  unsubscribe(): void {
    this.#isSubscribed = false
    this.#send({ type: 'unsubscribe' })
  }

  /** Lost with the connection, which is right: the batch is delivered again then, under another number. */
  ack(batch: number): void {
    this.#send({ type: 'ack', batch })
  }

  /** Leaves host and dynos as they are. */
  disconnect(): void {
    this.#isOver = true
    this.#socket?.destroy()
    for (const { reject } of this.#pending.values()) reject(new Error(DISCONNECTED))
    this.#pending.clear()
  }

  /** Returns why the host cannot be talked to. */
  #receive(message: FromHost, socket: Socket): string | undefined {
    switch (message.type) {
      case 'hello':
        if (message.protocol !== PROTOCOL) return OTHER_PROTOCOL
        this.caveats = message.caveats
        this.#socket = socket
        return undefined
      case 'reply':
        return this.#settle(message)
      case 'dyno':
        return void this.#options.onDyno(message.dyno)
      case 'lines':
        return void this.#options.onLines(message.batch, message.lines)
    }
  }

  #settle({ number, result }: Extract<FromHost, { type: 'reply' }>): undefined {
    const pending = this.#pending.get(number)
    this.#pending.delete(number)
    if (pending === undefined) return
    if (result.ok) pending.resolve(result.dynos)
    else pending.reject(new Error(result.fault))
    // A host that was closed is gone, and is not to be started again.
    if (pending.request.verb === 'close' && result.ok) this.disconnect()
  }

  #lost(socket: Socket): void {
    if (this.#isOver || this.#socket !== socket) return
    this.#socket = undefined
    void this.#reopen()
  }

  async #reopen(): Promise<void> {
    for (let pause = FIRST_PAUSE; !this.#isOver; pause = Math.min(LONGEST_PAUSE, pause * 2)) {
      try {
        await this.open()
        return this.#options.onReconnect()
      } catch {
        await new Promise(resolve => setTimeout(resolve, pause).unref())
      }
    }
  }

  #send(message: ToHost): void {
    if (this.#socket !== undefined) sendJson(this.#socket, message)
  }
}

const DISCONNECTED = 'The connection to the dyno host was closed.'
const OTHER_PROTOCOL =
  'The running dyno host is of another version of Tidemark and cannot be taken over. Stop the platform (SIGTERM) and start it again; this restarts its dynos.'
