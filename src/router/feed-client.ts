import { connect, type Socket } from 'node:net'
import type { Duration } from '../core/time.ts'
import type { FromRouter, ToRouter } from './feed.ts'
import { readJsonLines, writeJsonLine } from './json-lines.ts'
import type { AppLine } from './line-buffer.ts'
import { Mailbox } from './mailbox.ts'
import type { RoutedApp, RoutingTable } from './table.ts'
import type { Tally } from './tallies.ts'

/** Router lines, delivered again after a lost connection until `ack` was called. */
export interface LineBatch {
  lines: readonly AppLine[]
  ack(): void
}

interface Waiting {
  resolve(): void
  reject(reason: unknown): void
}

const FIRST_RETRY: Duration = 50
const LONGEST_RETRY: Duration = 2000

/**
 * The control plane's side of the feed. It keeps the whole table, connects by itself for as long as it is open, and
 * tells every router it reaches the table first: a router that was restarted knows no less than the one before.
 */
export class RouterFeed {
  readonly #path: string
  readonly #apps = new Map<string, RoutedApp>()
  readonly #draining = new Map<string, Set<Waiting>>()
  readonly #unapplied = new Set<Waiting & { count: number }>()
  readonly #lines = new Mailbox<LineBatch>()
  #socket: Socket | undefined
  #retry: NodeJS.Timeout | undefined
  #delay = FIRST_RETRY
  #isOpen = false
  /** Messages sent on this connection; the router counts the same. */
  #sent = 0
  /** The number of the last one that changed the table. */
  #changed = 0
  /** The newest one that this connection's router said to have in force. */
  #applied = 0
  #router: { pid: number; port: number } | undefined
  #acknowledged = ''
  /** Hears how many requests the dynos of each release have answered, as far as that has changed. */
  onTallies: (tallies: readonly Tally[]) => void = () => {}

  constructor(socketPath: string) {
    this.#path = socketPath
  }

  /** The router that is connected now. */
  get router(): { pid: number; port: number } | undefined {
    return this.#router
  }

  /** Starts connecting; the table that is set by now is the first thing a router hears. */
  open(): void {
    if (this.#isOpen) return
    this.#isOpen = true
    this.#connect()
  }

  /** Everything that waits is rejected; the router goes on with what it has. */
  close(): void {
    this.#isOpen = false
    clearTimeout(this.#retry)
    this.#socket?.destroy()
    this.#lines.close()
    const reason = new Error('The feed to the router was closed.')
    for (const waiting of [...this.#unapplied, ...[...this.#draining.values()].flatMap(set => [...set])])
      waiting.reject(reason)
    this.#unapplied.clear()
    this.#draining.clear()
  }

  setTable(table: RoutingTable): void {
    this.#apps.clear()
    for (const app of table.apps) this.#apps.set(app.appId, app)
    this.#send({ type: 'table', table })
  }

  updateApp(app: RoutedApp): void {
    this.#apps.set(app.appId, app)
    this.#send({ type: 'app', app })
  }

  removeApp(appId: string): void {
    this.#apps.delete(appId)
    this.#send({ type: 'remove', appId })
  }

  /** Resolves when a router has everything said so far in force, after a reconnect too. */
  applied(signal?: AbortSignal): Promise<void> {
    if (this.#socket && this.#applied >= this.#changed) return Promise.resolve()
    return wait(signal, waiting => {
      const entry = { ...waiting, count: this.#socket ? this.#changed : 1 }
      this.#unapplied.add(entry)
      return () => this.#unapplied.delete(entry)
    })
  }

  /** Resolves when no request to the dyno is in flight; from now on it gets none. Take it off the table first. */
  drained(dynoId: string, signal?: AbortSignal): Promise<void> {
    return wait(signal, waiting => {
      const others = this.#draining.get(dynoId) ?? new Set()
      this.#draining.set(dynoId, others.add(waiting))
      this.#send({ type: 'drain', dynoId })
      return () => {
        others.delete(waiting)
        if (others.size === 0) this.#draining.delete(dynoId)
      }
    })
  }

  /** Asks the router to finish what is in flight and to exit. */
  stop(grace: Duration): void {
    this.#send({ type: 'stop', graceMs: grace })
  }

  /** Router lines as they come, for one reader; ends when the feed is closed. */
  get lines(): AsyncIterable<LineBatch> {
    return this.#lines
  }

  #connect(): void {
    const socket = connect(this.#path)
    socket.on('connect', () => this.#connected(socket))
    socket.on('error', () => {})
    socket.on('close', () => this.#disconnected(socket))
    readJsonLines(socket, message => this.#heed(message as FromRouter))
  }

  #connected(socket: Socket): void {
    this.#socket = socket
    this.#sent = 0
    this.#applied = 0
    this.#delay = FIRST_RETRY
    this.#send({ type: 'table', table: { apps: [...this.#apps.values()] } })
    for (const waiting of this.#unapplied) waiting.count = 1
    for (const dynoId of this.#draining.keys()) this.#send({ type: 'drain', dynoId })
  }

  #disconnected(socket: Socket): void {
    if (this.#socket === socket) this.#socket = undefined
    this.#router = undefined
    if (!this.#isOpen) return
    this.#retry = setTimeout(() => this.#connect(), this.#delay)
    this.#delay = Math.min(this.#delay * 2, LONGEST_RETRY)
  }

  #heed(message: FromRouter): void {
    if (message.type === 'hello') this.#router = { pid: message.pid, port: message.port }
    else if (message.type === 'applied') this.#settleApplied(message.count)
    else if (message.type === 'drained') this.#settleDrained(message.dynoId)
    else if (message.type === 'tallies') this.onTallies(message.tallies)
    else if (message.type === 'lines') this.#deliver(message.batch, message.lines)
  }

  #settleApplied(count: number): void {
    this.#applied = count
    for (const waiting of [...this.#unapplied]) if (waiting.count <= count) waiting.resolve()
  }

  #settleDrained(dynoId: string): void {
    for (const waiting of [...(this.#draining.get(dynoId) ?? [])]) waiting.resolve()
  }

  #deliver(batch: number, lines: readonly AppLine[]): void {
    const id = `${this.#router?.pid}:${batch}`
    const ack = () => {
      this.#acknowledged = id
      this.#send({ type: 'ack', batch })
    }
    // The answer to this one was lost with the connection before.
    if (id === this.#acknowledged) {
      ack()
      return
    }
    this.#lines.put({ lines, ack })
  }

  #send(message: ToRouter): void {
    if (!this.#socket) return
    this.#sent++
    if (message.type === 'table' || message.type === 'app' || message.type === 'remove')
      this.#changed = this.#sent
    writeJsonLine(this.#socket, message)
  }
}

/** A promise whose owner is given the way to settle it, and that an abort takes back. */
function wait(signal: AbortSignal | undefined, register: (waiting: Waiting) => () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const settle = (then: () => void) => {
      signal?.removeEventListener('abort', abort)
      forget()
      then()
    }
    const forget = register({
      resolve: () => settle(resolve),
      reject: reason => settle(() => reject(reason)),
    })
    const abort = () => settle(() => reject(signal?.reason))
    signal?.addEventListener('abort', abort)
  })
}
