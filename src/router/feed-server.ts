import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import type { Duration } from '../core/time.ts'
import type { FromRouter, ToRouter } from './feed.ts'
import { readJsonLines, writeJsonLine } from './json-lines.ts'
import type { LineBuffer } from './line-buffer.ts'
import type { Routes } from './routes.ts'
import type { Snapshot } from './snapshot.ts'
import { isApp, parseTable } from './table-parse.ts'
import type { Tallies } from './tallies.ts'

export interface FeedParts {
  routes: Routes
  snapshot: Snapshot
  lines: LineBuffer
  tallies: Tallies
  /** The port the router serves. */
  port: number
  /** The control plane wants the router to end. */
  stop(grace: Duration): void
  /** Says what went wrong to whoever runs the router. */
  warn(sentence: string): void
}

/** How long lines gather before they leave. */
const FLUSH: Duration = 50

/** How often counts leave. */
const TELL_TALLIES: Duration = 1000

/** The router's side of the feed: a Unix socket on which one control plane at a time is heard, the newest. */
export class FeedServer {
  readonly #parts: FeedParts
  readonly #server: Server
  #current: Socket | undefined
  #flush: NodeJS.Timeout | undefined
  readonly #telling: NodeJS.Timeout

  constructor(parts: FeedParts) {
    this.#parts = parts
    this.#server = createServer(socket => this.#accept(socket))
    this.#telling = setInterval(() => this.#tellTallies(), TELL_TALLIES).unref()
  }

  /** Listens on `path`; a socket file that a killed router left there is replaced. */
  async listen(path: string): Promise<void> {
    rmSync(path, { force: true })
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(path, resolve)
    })
    chmodSync(path, 0o600)
  }

  /** There is a line to send. */
  wake(): void {
    if (this.#flush || !this.#current || this.#parts.lines.isUnderway) return
    this.#flush = setTimeout(() => this.#sendLines(), FLUSH)
  }

  close(): void {
    clearTimeout(this.#flush)
    clearInterval(this.#telling)
    this.#sendLines()
    this.#current?.end()
    this.#server.close()
  }

  #accept(socket: Socket): void {
    // A new control plane takes over from the one it replaces.
    this.#current?.destroy()
    this.#current = socket
    let count = 0
    socket.on('error', fault =>
      this.#parts.warn(`The connection to the control plane broke: ${fault.message}`),
    )
    socket.on('close', () => {
      if (this.#current === socket) this.#current = undefined
    })
    send(socket, { type: 'hello', pid: process.pid, port: this.#parts.port })
    readJsonLines(socket, message => {
      count++
      this.#obey(socket, message as ToRouter, count)
    })
    this.#tellTallies(true)
    this.#sendLines()
  }

  #obey(socket: Socket, message: ToRouter, count: number): void {
    const { routes, lines, tallies, stop } = this.#parts
    if (message.type === 'ack') {
      lines.acknowledge(message.batch)
      this.#sendLines()
    } else if (message.type === 'stop') {
      stop(message.graceMs)
    } else if (message.type === 'drain') {
      const { dynoId } = message
      routes.drain(dynoId, () => this.#saved(() => send(socket, { type: 'drained', dynoId })))
    } else {
      change(routes, message)
      if (message.type === 'remove') tallies.remove(message.appId)
      this.#saved(() => send(socket, { type: 'applied', count }))
    }
  }

  /** Answers once a router that were killed now would come back with this very table. */
  #saved(answer: () => void): void {
    this.#parts.snapshot.save().then(answer, (fault: Error) => {
      // The table is in force all the same: a full disk must not stop deploys.
      this.#parts.warn(`The routing table could not be saved: ${fault.message}`)
      answer()
    })
  }

  #tellTallies(isNew = false): void {
    if (!this.#current) return
    const tallies = this.#parts.tallies.take(isNew)
    if (tallies.length > 0) send(this.#current, { type: 'tallies', tallies })
  }

  #sendLines(): void {
    clearTimeout(this.#flush)
    this.#flush = undefined
    const batch = this.#current && this.#parts.lines.batch()
    if (this.#current && batch) send(this.#current, { type: 'lines', ...batch })
  }
}

function change(routes: Routes, message: ToRouter): void {
  if (message.type === 'remove') routes.remove(message.appId)
  else if (message.type === 'app' && isApp(message.app)) routes.update(message.app)
  else {
    const table = message.type === 'table' ? parseTable(message.table) : undefined
    if (!table)
      throw new Error(`The router does not know the message ${JSON.stringify(message).slice(0, 200)}`)
    routes.replace(table)
  }
}

function send(socket: Socket, message: FromRouter): void {
  if (!socket.destroyed) writeJsonLine(socket, message)
}
