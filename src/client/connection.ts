import { randomUUID } from 'node:crypto'
import { Agent, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { Agent as TlsAgent } from 'node:https'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { apiError } from './api-error.ts'
import { ConnectionError } from './connection-error.ts'
import { type Exchange, exchange, readText } from './exchange.ts'

/** How to reach a platform and as whom. */
export interface Reach {
  /** The API's base: `http://localhost:5000`. */
  url: string
  token?: string | undefined
  /** PEM of the platform's certificate authority. */
  ca?: string | undefined
  /** Told every warning the platform sends along with an answer. */
  onWarning?: (text: string) => void
}

export interface Call {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  path: string
  body?: unknown
  headers?: Readonly<Record<string, string>>
  /** Keeps the platform's warning back: the caller finds out by itself what it warns of. */
  isUnwarned?: boolean
  /** How long the platform may take for its answer, in milliseconds. */
  patience?: number
}

export interface Answer<T> {
  body: T
  headers: IncomingHttpHeaders
}

const PATIENCE = 60_000
const RETRIES = [200, 400, 800]
const RETRIED = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN'])

/**
 * Calls of the Platform API. A call whose connection fails is sent again with the same `Request-Id`, which the
 * platform answers once however often it arrives; so nothing is made twice.
 */
export class Connection {
  readonly url: URL
  readonly #reach: Reach
  readonly #agent: Agent

  constructor(reach: Reach) {
    this.url = new URL(reach.url)
    this.#reach = reach
    this.#agent =
      this.url.protocol === 'https:' ? new TlsAgent({ keepAlive: true }) : new Agent({ keepAlive: true })
  }

  /** The answer's body. Throws `ApiError` or {@link ConnectionError}. */
  async call<T>(call: Call): Promise<T> {
    return (await this.ask<T>(call)).body
  }

  async ask<T>(call: Call): Promise<Answer<T>> {
    const { method = 'GET', path, body, headers = {}, isUnwarned = false, patience = PATIENCE } = call
    const asked: Exchange = {
      method,
      url: new URL(path, this.url),
      headers: {
        ...this.#headers(),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ca: this.#reach.ca,
      agent: this.#agent,
      patience,
    }
    const { answer, text } = await sendAgain(asked)
    const parsed = parse(text, answer.headers['content-type'])
    if ((answer.statusCode ?? 500) >= 300) throw apiError(answer.statusCode ?? 500, parsed)
    if (!isUnwarned) this.#warn(answer.headers)
    return { body: parsed as T, headers: answer.headers }
  }

  /** A list, page after page, until `limit` items are there or the list ends. */
  async list<T>(path: string, range?: string, limit = Number.POSITIVE_INFINITY): Promise<T[]> {
    const items: T[] = []
    for await (const page of this.pages<T>(path, range)) {
      items.push(...page)
      if (items.length >= limit) break
    }
    return items.slice(0, limit)
  }

  /** The same page by page; no page is asked for before it is wanted. */
  async *pages<T>(path: string, range?: string): AsyncGenerator<T[]> {
    let next = range
    do {
      const { body, headers }: Answer<T[]> = await this.ask<T[]>({
        path,
        headers: next ? { range: next } : {},
      })
      yield body
      const following = headers['next-range']
      next = typeof following === 'string' && following !== next && body.length > 0 ? following : undefined
    } while (next)
  }

  /** Reads a capability URL (logs, build output) as it comes. It carries its own right, so no token is sent. */
  async stream(
    href: string,
    headers: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<IncomingMessage> {
    const url = new URL(href, this.url)
    const answer = await exchange({ method: 'GET', url, headers, ca: this.#reach.ca, patience: 0, signal })
    const status = answer.statusCode ?? 500
    if (status >= 300)
      throw apiError(status, parse(await readText(answer, url), answer.headers['content-type']))
    return answer
  }

  /** Sends what `content` brings to a capability URL: `size` bytes, or with null as many as there are. */
  async upload(href: string, content: Readable, size: number | null): Promise<void> {
    const url = new URL(href, this.url)
    const headers = size === null ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(size) }
    const answer = await exchange({
      method: 'PUT',
      url,
      headers,
      body: content,
      ca: this.#reach.ca,
      patience: PATIENCE,
    })
    const text = await readText(answer, url)
    const status = answer.statusCode ?? 500
    if (status >= 300) throw apiError(status, parse(text, answer.headers['content-type']))
  }

  #headers(): Record<string, string> {
    const { token } = this.#reach
    return {
      accept: 'application/vnd.heroku+json; version=3',
      'user-agent': 'tidemark-cli',
      'request-id': randomUUID(),
      ...(token && { authorization: `Bearer ${token}` }),
    }
  }

  #warn(headers: IncomingHttpHeaders): void {
    const warning = headers['x-heroku-warning']
    if (typeof warning === 'string') this.#reach.onWarning?.(warning)
  }
}

async function sendAgain(asked: Exchange): Promise<{ answer: IncomingMessage; text: string }> {
  for (const pause of RETRIES) {
    try {
      return await send(asked)
    } catch (error) {
      if (!(error instanceof ConnectionError && RETRIED.has(error.code))) throw error
      await delay(pause)
    }
  }
  return send(asked)
}

async function send(asked: Exchange): Promise<{ answer: IncomingMessage; text: string }> {
  const answer = await exchange(asked)
  return { answer, text: await readText(answer, asked.url) }
}

function parse(text: string, type = ''): unknown {
  if (!/^application\/([\w.]+\+)?json/.test(type)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
