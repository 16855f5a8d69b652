import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as after } from 'node:timers/promises'
import type { Duration } from '../core/time.ts'
import { Deadlines } from './deadlines.ts'
import { FeedServer } from './feed-server.ts'
import { LIMITS, type Limits } from './limits.ts'
import { LineBuffer } from './line-buffer.ts'
import { createProxy } from './proxy.ts'
import { Routes } from './routes.ts'
import { readSnapshot, Snapshot } from './snapshot.ts'
import { Tallies } from './tallies.ts'

export interface RouterOptions {
  host: string
  /** 0 takes any free one. */
  port: number
  /** The Unix socket on which the control plane is heard. */
  socketPath: string
  /** Where the table is kept for the next start. */
  snapshotPath: string
  limits?: Partial<Limits>
  /** Told what goes wrong beside requests, in sentences. */
  warn?(sentence: string): void
}

export interface Router {
  readonly port: number
  /** Resolves once the router has ended, for whatever reason. */
  readonly closed: Promise<void>
  /** Accepts nothing more, lets what is in flight finish within `grace`, and ends. */
  close(grace: Duration): Promise<void>
}

/** Lines kept while no control plane takes them. */
const KEPT_LINES = 10_000

const SWEEP: Duration = 20

/** Starts a router with the table it had last. Rejects when an address cannot be had. */
export async function startRouter(options: RouterOptions): Promise<Router> {
  const { promise: closed, resolve: ended } = Promise.withResolvers<void>()
  const limits = { ...LIMITS, ...options.limits }
  const routes = new Routes(limits)
  routes.replace(readSnapshot(options.snapshotPath))
  const lines = new LineBuffer(KEPT_LINES, () => performance.timeOrigin + performance.now())
  const tallies = new Tallies()
  let feed: FeedServer | undefined
  const proxy = createProxy({
    routes,
    limits,
    deadlines: new Deadlines(limits.tick),
    count: (appId, { releaseId }, status) => {
      if (releaseId !== undefined) tallies.count(appId, releaseId, status)
    },
    log: (appId, text) => {
      lines.push(appId, text)
      feed?.wake()
    },
  })
  proxy.listen(options.port, options.host)
  await once(proxy, 'listening')
  const { port } = proxy.address() as AddressInfo
  let closing: Promise<void> | undefined
  const close = (grace: Duration): Promise<void> => {
    closing ??= finish(proxy, routes, grace)
      .then(() => feed?.close())
      .then(ended)
    return closing
  }
  const warn = options.warn ?? (() => {})
  const snapshot = new Snapshot(options.snapshotPath, () => routes.table())
  feed = new FeedServer({ routes, lines, tallies, port, warn, snapshot, stop: grace => void close(grace) })
  try {
    await feed.listen(options.socketPath)
  } catch (fault) {
    proxy.close()
    throw fault
  }
  return { port, closed, close }
}

async function finish(proxy: Server, routes: Routes, grace: Duration): Promise<void> {
  const closed = new Promise<void>(resolve => proxy.close(() => resolve()))
  // Whoever is answered from now on is told to come back on another connection.
  proxy.prependListener('request', (_request, response) => {
    response.shouldKeepAlive = false
  })
  // A kept connection whose last answer was still on its way when the server closed becomes idle only now.
  const sweep = setInterval(() => proxy.closeIdleConnections(), SWEEP)
  const timeout = new AbortController()
  await Promise.race([closed, after(grace, undefined, { signal: timeout.signal }).catch(() => {})])
  timeout.abort()
  clearInterval(sweep)
  routes.clear()
  proxy.closeAllConnections()
}
