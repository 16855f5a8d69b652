import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { seconds } from '../core/time.ts'
import { type Asked, Exchange, type Exchanges } from './exchange.ts'
import { arrivalOf, type HeadFault, type RequestHead, readRequestHead } from './headers.ts'
import { sendErrorPage } from './pages.ts'

/** Longer than the usual idle limits of the balancers in front, so that it is they who close first. */
const CLIENT_KEEP_ALIVE = seconds(65)

/** How long a client may take to close a connection after its last answer. */
const LAST_WORDS = seconds(5)

/** The HTTP server clients talk to. Malformed requests are answered by Node's strict parser with a 400 and closed. */
export function createProxy(shared: Exchanges): Server {
  const server = createServer({
    noDelay: true,
    keepAliveTimeout: CLIENT_KEEP_ALIVE,
    headersTimeout: seconds(30),
    // Bodies may take as long as they keep moving.
    requestTimeout: 0,
    connectionsCheckingInterval: seconds(5),
    maxHeaderSize: shared.limits.requestHeadBytes,
    // A request with a body is answered as if it had not asked: a server may ignore Upgrade.
    shouldUpgradeCallback: request => !hasBody(request) && request.headers.upgrade?.toLowerCase() !== 'h2c',
  })
  // Node drops headers beyond its own limit silently; the router counts and refuses.
  server.maxHeadersCount = 0
  server.on('request', (request, response) => begin(shared, { request, response, isUpgrade: false }))
  server.on('checkContinue', (request, response) =>
    begin(shared, { request, response, isUpgrade: false, expectsContinue: true }),
  )
  server.on('checkExpectation', (request, response) =>
    begin(shared, { request, response, isUpgrade: false, refusal: EXPECTATION }),
  )
  server.on('upgrade', (request, socket, head) =>
    begin(shared, { request, response: responseOn(request, socket, head), isUpgrade: true }),
  )
  server.on('connect', (_request, socket) =>
    socket.end('HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'),
  )
  return server
}

const EXPECTATION = { status: 417, cause: 'unsupported expect header value' }

interface Begin {
  request: IncomingMessage
  response: ServerResponse
  isUpgrade: boolean
  expectsContinue?: boolean
  refusal?: HeadFault
}

function begin(
  shared: Exchanges,
  { request, response, isUpgrade, expectsContinue = false, refusal }: Begin,
): void {
  const head = readRequestHead(request.rawHeaders, shared.limits)
  const target = 'cause' in head ? undefined : requestTarget(request.url ?? '', head)
  if (
    'cause' in head ||
    target === undefined ||
    (request.url ?? '').length > shared.limits.requestLineBytes
  ) {
    response.shouldKeepAlive = false
    sendErrorPage(response, 'cause' in head ? head.status : target === undefined ? 400 : 414, 'H26')
    return
  }
  if (!isUpgrade) head.upgrade = undefined
  const arrival = arrivalOf(head, address(request), request.socket.localPort ?? 0)
  const asked: Asked = {
    request,
    response,
    head,
    arrival,
    path: target,
    expectsContinue,
    ...(refusal ? { refusal } : {}),
  }
  new Exchange(shared, asked).start()
}

/** The path asked for. An absolute address names the host itself, and then goes before the Host header (RFC 9112, 3.2.2). */
function requestTarget(url: string, head: RequestHead): string | undefined {
  if (url.startsWith('/')) return url
  const match = /^https?:\/\/([^/?#@]+)([/?][^#]*)?$/i.exec(url)
  if (!match) return undefined
  head.host = match[1] as string
  const path = match[2] ?? '/'
  return path.startsWith('/') ? path : `/${path}`
}

function address(request: IncomingMessage): string {
  const remote = request.socket.remoteAddress ?? ''
  return remote.startsWith('::ffff:') ? remote.slice(7) : remote
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}

/** A response for a connection that the parser has let go of; it is closed after one answer. */
function responseOn(request: IncomingMessage, stream: Duplex, head: Buffer): ServerResponse {
  const socket = stream as Socket
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket)
  // An upgraded connection has no other listener until its dyno has answered.
  socket.on('error', () => socket.destroy())
  response.once('finish', () => {
    response.detachSocket(socket)
    socket.setTimeout(LAST_WORDS, () => socket.destroy())
    // Nobody reads what still comes, but its end has to be seen.
    socket.resume().end()
  })
  if (head.length > 0) socket.unshift(head)
  return response
}
