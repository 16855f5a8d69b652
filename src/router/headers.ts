import { randomUUID } from 'node:crypto'
import type { Limits } from './limits.ts'

/** Headers as they came: name, value, name, value. */
export type RawHeaders = readonly string[]

export interface RequestHead {
  /** As the client wrote it, port included. */
  host: string
  /** End-to-end headers in their order, without the ones the router sets. */
  headers: string[]
  forwardedFor: string | undefined
  requestId: string | undefined
  hasBody: boolean
  /** Protocols asked for, when the client asks to change over. */
  upgrade: string | undefined
}

/** A request that is refused before any app sees it. */
export interface HeadFault {
  status: number
  cause: string
}

/** Meant for this hop alone (RFC 9110, 7.6.1), besides those that Connection names. */
const HOP_BY_HOP = new Set(
  'connection keep-alive proxy-connection proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade expect'.split(
    ' ',
  ),
)

/** Replaced by the router, whatever the client says. */
const OVERWRITTEN = new Set([
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-request-start',
  'x-request-id',
  'x-forwarded-for',
])

const REQUEST_ID = /^[A-Za-z0-9+/=-]{20,200}$/

/** Sorts a request's headers into what goes on to the app and what the router needs itself. */
export function readRequestHead(raw: RawHeaders, limits: Limits): RequestHead | HeadFault {
  if (raw.length > limits.headers * 2) return { status: 400, cause: 'too many headers' }
  const head: RequestHead = {
    host: '',
    headers: [],
    forwardedFor: undefined,
    requestId: undefined,
    hasBody: false,
    upgrade: undefined,
  }
  let connection = ''
  let hosts = 0
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string
    const value = raw[i + 1] as string
    if (name.length > limits.headerNameBytes || name.length + value.length + 2 > limits.headerLineBytes) {
      return { status: 400, cause: 'bad header' }
    }
    const key = name.toLowerCase()
    if (key === 'host') {
      head.host = value
      hosts++
    } else if (key === 'connection') {
      connection = connection === '' ? value : `${connection},${value}`
    } else if (key === 'transfer-encoding') {
      // Any other coding would be lost, as the body is framed anew on its way to the app.
      if (value.trim().toLowerCase() !== 'chunked')
        return { status: 501, cause: 'unsupported transfer encoding' }
      head.hasBody = true
    } else if (key === 'upgrade') head.upgrade = value
    else if (OVERWRITTEN.has(key)) keepForwarded(head, key, value)
    else if (!HOP_BY_HOP.has(key)) {
      if (key === 'content-length' && value !== '0') head.hasBody = true
      head.headers.push(name, value)
    }
  }
  if (hosts !== 1 || head.host === '') return { status: 400, cause: 'bad host header' }
  return withoutNamed(head, connection)
}

function keepForwarded(head: RequestHead, key: string, value: string): void {
  if (key === 'x-forwarded-for')
    head.forwardedFor = head.forwardedFor ? `${head.forwardedFor}, ${value}` : value
  if (key === 'x-request-id' && REQUEST_ID.test(value)) head.requestId = value
}

function withoutNamed(head: RequestHead, connection: string): RequestHead {
  const lower = connection.toLowerCase()
  if (lower === '' || lower === 'keep-alive' || lower === 'close') {
    head.upgrade = undefined
    return head
  }
  const named = new Set(lower.split(',').map(token => token.trim()))
  if (!named.has('upgrade')) head.upgrade = undefined
  head.headers = withoutNames(head.headers, named)
  return head
}

function withoutNames(headers: readonly string[], names: ReadonlySet<string>): string[] {
  const kept: string[] = []
  for (let i = 0; i < headers.length; i += 2) {
    if (!names.has((headers[i] as string).toLowerCase()))
      kept.push(headers[i] as string, headers[i + 1] as string)
  }
  return kept
}

export const VIA = '1.1 tidemark-router'

/** Where a request came from, for the headers an app is told about it. */
export interface Arrival {
  address: string
  port: number
  /** Milliseconds since the epoch. */
  at: number
  requestId: string
  forwardedFor: string
}

export function arrivalOf(head: RequestHead, address: string, port: number): Arrival {
  return {
    address,
    port,
    at: Date.now(),
    requestId: head.requestId ?? randomUUID(),
    forwardedFor: head.forwardedFor ? `${head.forwardedFor}, ${address}` : address,
  }
}

/** The headers an app gets. */
export function forwardedHeaders(head: RequestHead, arrival: Arrival): string[] {
  head.headers.push(
    'Host',
    head.host,
    'X-Forwarded-For',
    arrival.forwardedFor,
    'X-Forwarded-Proto',
    'http',
    'X-Forwarded-Port',
    String(arrival.port),
    'X-Request-Start',
    String(arrival.at),
    'X-Request-Id',
    arrival.requestId,
    'Via',
    VIA,
  )
  return head.headers
}

export interface ResponseHead {
  headers: string[]
  /** Undefined where the app did not say. */
  contentLength: number | undefined
}

/** The headers a client gets, or why they cannot be passed on. */
export function readResponseHead(
  raw: readonly (Buffer | string)[],
  limits: Limits,
): ResponseHead | { cause: string } {
  const head: ResponseHead = { headers: [], contentLength: undefined }
  let connection = ''
  for (let i = 0; i < raw.length; i += 2) {
    const name = latin1(raw[i] as Buffer | string)
    const value = latin1(raw[i + 1] as Buffer | string)
    const key = name.toLowerCase()
    if (key === 'connection') connection = connection === '' ? value : `${connection},${value}`
    if (HOP_BY_HOP.has(key)) continue
    if (key === 'content-length') head.contentLength = Number(value)
    if (key === 'set-cookie' && value.length > limits.cookieBytes) return { cause: 'oversized cookie' }
    head.headers.push(name, value)
  }
  if (connection !== '' && !/^(?:keep-alive|close)$/i.test(connection)) {
    head.headers = withoutNames(
      head.headers,
      new Set(
        connection
          .toLowerCase()
          .split(',')
          .map(token => token.trim()),
      ),
    )
  }
  head.headers.push('Via', VIA)
  return head
}

function latin1(bytes: Buffer | string): string {
  return typeof bytes === 'string' ? bytes : bytes.toString('latin1')
}

/** The host name alone: lower case, without port and final dot. */
export function hostName(host: string): string {
  const name = host.toLowerCase()
  const end = name.startsWith('[') ? name.indexOf(']') + 1 : name.indexOf(':')
  const bare = end > 0 ? name.slice(0, end) : name
  return bare.endsWith('.') ? bare.slice(0, -1) : bare
}
