import { type Agent, type IncomingMessage, type OutgoingHttpHeaders, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream'
import { ConnectionError } from './connection-error.ts'

/** One HTTP request on the wire. */
export interface Exchange {
  method: string
  url: URL
  headers: OutgoingHttpHeaders
  /** A string is sent whole; a stream as it comes, and never again. */
  body?: string | Readable
  /** Trusted certificate authorities, PEM, in place of the system's; for `https:`. */
  ca?: string | undefined
  agent?: Agent
  /** How long the peer may stay silent before the request is given up, in milliseconds; 0 is for ever. */
  patience: number
  signal?: AbortSignal | undefined
}

/** Sends a request and resolves with the answer's head; its body is still to be read. Throws {@link ConnectionError}. */
export function exchange(asked: Exchange): Promise<IncomingMessage> {
  const { method, url, body, ca, agent, patience, signal } = asked
  const headers = { ...asked.headers, ...lengthOf(body) }
  const send = url.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const options = { method, headers, ...(ca && { ca }), ...(agent && { agent }), ...(signal && { signal }) }
    const request = send(url, options, resolve)
    const fail = (cause: Error) => reject(signal?.aborted ? signal.reason : new ConnectionError(url, cause))
    request.on('error', fail)
    request.setTimeout(patience, () =>
      request.destroy(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })),
    )
    if (body === undefined || typeof body === 'string') request.end(body)
    else pipeline(body, request, error => error && fail(error))
  })
}

/** Node leaves it out where a method has a body only seldom, and then nobody knows where the body ends. */
function lengthOf(body: Exchange['body']): OutgoingHttpHeaders {
  return typeof body === 'string' ? { 'content-length': Buffer.byteLength(body) } : {}
}

/** The whole body as text. Throws {@link ConnectionError} when it ends too early. */
export async function readText(answer: IncomingMessage, url: URL): Promise<string> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of answer) chunks.push(chunk as Buffer)
  } catch (cause) {
    throw new ConnectionError(url, cause)
  }
  return Buffer.concat(chunks).toString('utf8')
}
