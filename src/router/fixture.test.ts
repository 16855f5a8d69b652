import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import * as http from 'node:http'
import * as net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { RouterFeed } from './feed-client.ts'
import type { Limits } from './limits.ts'
import { startRouter } from './server.ts'
import type { RoutedApp, Target } from './table.ts'

// What the router's tests share: a router with a control plane's end of the feed, dynos, and clients. No tests here.

export interface Fixture {
  port: number
  feed: RouterFeed
  directory: string
  /** Puts the app into force and waits until it is. */
  route(app: Partial<RoutedApp>): Promise<void>
  /** Resolves with the next router line that matches. */
  line(pattern: RegExp): Promise<string>
}

export async function startFixture(t: TestContext, limits: Partial<Limits> = {}): Promise<Fixture> {
  const directory = mkdtempSync(join(tmpdir(), 'router-'))
  const socketPath = join(directory, 'feed')
  const router = await startRouter({
    host: '127.0.0.1',
    port: 0,
    socketPath,
    snapshotPath: join(directory, 'table.json'),
    limits: { tick: 5, ...limits },
  })
  const feed = new RouterFeed(socketPath)
  feed.open()
  t.after(async () => {
    feed.close()
    await router.close(0)
    rmSync(directory, { recursive: true, force: true })
  })
  const line = collectLines(feed)
  const route = async (part: Partial<RoutedApp>) => {
    feed.updateApp(app(part))
    await feed.applied(AbortSignal.timeout(5000))
  }
  return { port: router.port, feed, directory, route, line }
}

export function app(part: Partial<RoutedApp>): RoutedApp {
  return {
    appId: 'app-1',
    name: 'sushi',
    hosts: ['sushi.localhost'],
    maintenance: false,
    targets: [],
    state: 'serving',
    ...part,
  }
}

export function target(port: number, dynoId = `dyno-${port}`, dyno = 'web.1'): Target {
  return { dynoId, dyno, host: '127.0.0.1', port }
}

function collectLines(feed: RouterFeed): Fixture['line'] {
  const seen: string[] = []
  const waiting = new Set<{ pattern: RegExp; resolve(line: string): void }>()
  void (async () => {
    for await (const batch of feed.lines) {
      for (const { line } of batch.lines) {
        seen.push(line.text)
        for (const entry of waiting) if (entry.pattern.test(line.text)) entry.resolve(line.text)
      }
      batch.ack()
    }
  })()
  return pattern => {
    const found = seen.find(text => pattern.test(text))
    if (found) return Promise.resolve(found)
    const late = AbortSignal.timeout(5000)
    return new Promise((resolve, reject) => {
      waiting.add({ pattern, resolve })
      late.addEventListener('abort', () =>
        reject(new Error(`No line matches ${pattern}; there were:\n${seen.join('\n')}`)),
      )
    })
  }
}

export interface Dyno {
  port: number
  target: Target
  server: http.Server
  close(): Promise<void>
}

/** A real web dyno. */
export async function startDyno(
  t: TestContext,
  listener: http.RequestListener,
  name = 'web.1',
): Promise<Dyno> {
  const server = http.createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  const close = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  t.after(close)
  return { port, target: target(port, `dyno-${port}`, name), server, close }
}

/** A dyno that speaks for itself, byte by byte. */
export async function startRawDyno(
  t: TestContext,
  onSocket: (socket: net.Socket) => void,
): Promise<{ port: number; target: Target }> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    onSocket(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const { port } = server.address() as net.AddressInfo
  return { port, target: target(port) }
}

/** A port on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

export interface Answer {
  status: number
  headers: http.IncomingHttpHeaders
  body: string
}

export interface Question extends http.RequestOptions {
  body?: string
}

/** Asks the router as a browser would. */
export function ask(port: number, { body, headers, ...options }: Question = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const request = http.request({
    host: '127.0.0.1',
    port,
    agent: false,
    signal: AbortSignal.timeout(10_000),
    headers: { host: 'sushi.localhost', ...(headers as http.OutgoingHttpHeaders) },
    ...options,
  })
  request.on('error', reject)
  request.on('response', async response => {
    try {
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: await text(response) })
    } catch (fault) {
      reject(fault as Error)
    }
  })
  request.end(body)
  return promise
}

export async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** Sends bytes as they are and returns all that comes until the router closes. */
export async function askRaw(port: number, bytes: string): Promise<string> {
  const socket = net.connect(port, '127.0.0.1')
  socket.setTimeout(10_000, () => socket.destroy(new Error('The router did not close the connection.')))
  socket.write(bytes, 'latin1')
  return text(socket)
}

/** Waits until the socket has received something that matches; returns all it received. */
export function received(socket: net.Socket, pattern: RegExp): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let all = ''
  const look = (chunk: Buffer) => {
    all += chunk.toString('latin1')
    if (!pattern.test(all)) return
    socket.off('data', look)
    resolve(all)
  }
  socket.on('data', look)
  socket.once('close', () => reject(new Error(`The connection closed after ${JSON.stringify(all)}`)))
  return promise
}
