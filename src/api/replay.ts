import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Duration, hours } from '../core/time.ts'
import type { Answer } from '../ledger/answers.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { ApiContext } from './context.ts'

/** Headers that belong to an answer rather than to the connection it goes over. */
const KEPT_HEADERS = [
  'content-type',
  'x-heroku-warning',
  'next-range',
  'content-range',
  'heroku-webhook-secret',
]

/** Answers that tell the client to come back, and ours that went wrong, are worth asking again. */
const NOT_KEPT = new Set([401, 409, 429])

const REMEMBERED: Duration = hours(24)
const FLUSH_AFTER: Duration = 100

interface Pending {
  readonly answer: Promise<Answer | undefined>
  readonly resolve: (answer: Answer | undefined) => void
}

type Claim = Pick<Answer, 'accountId' | 'requestId' | 'fingerprint'>

/**
 * A request that changes something and arrives again with the same Request-Id gets the first answer again. While the
 * first is at work the second waits; afterwards the answer is kept in the ledger for a day. What a crash takes before
 * it is written is caught by the actions, which know `repeatKey`.
 */
export class Replay {
  readonly #ledger: Ledger
  readonly #clock: ApiContext['clock']
  readonly #onFault: (error: unknown) => void
  readonly #pending = new Map<string, Pending>()
  #unwritten: { key: string; answer: Answer }[] = []
  #flushTimer: NodeJS.Timeout | undefined
  #flushing: Promise<void> = Promise.resolve()
  readonly #pruneTimer: NodeJS.Timeout

  constructor(context: Pick<ApiContext, 'ledger' | 'clock'>, onFault: (error: unknown) => void) {
    this.#ledger = context.ledger
    this.#clock = context.clock
    this.#onFault = onFault
    this.#pruneTimer = setInterval(() => void this.#prune(), hours(1)).unref()
  }

  /** The answer this request got before, waiting for it if need be; undefined when the request is the first. */
  async find(request: FastifyRequest): Promise<Answer | undefined> {
    const claim = claimOf(request)
    if (!claim) return undefined
    const key = keyOf(claim)
    request.repeatKey = key
    const pending = this.#pending.get(key)
    if (pending) return (await pending.answer) ?? this.find(request)
    const mine = newPending()
    this.#pending.set(key, mine)
    try {
      const answer = await this.#ledger.read.answers.find(claim.accountId, claim.requestId, claim.fingerprint)
      if (answer) this.#forget(key, answer)
      return answer
    } catch (error) {
      this.#forget(key, undefined)
      throw error
    }
  }

  /** Takes down the answer to a request that `find` said was the first. */
  keep(request: FastifyRequest, reply: FastifyReply, body: string): void {
    const key = request.repeatKey
    const claim = claimOf(request)
    if (key === undefined || !claim || !this.#pending.has(key)) return
    if (reply.statusCode >= 500 || NOT_KEPT.has(reply.statusCode)) {
      this.#forget(key, undefined)
      return
    }
    const answer: Answer = { ...claim, status: reply.statusCode, headers: keptHeaders(reply), body }
    this.#pending.get(key)?.resolve(answer)
    this.#unwritten.push({ key, answer })
    this.#flushTimer ??= setTimeout(() => void this.flush(), FLUSH_AFTER)
  }

  /** Writes what is not written yet. */
  flush(): Promise<void> {
    clearTimeout(this.#flushTimer)
    this.#flushTimer = undefined
    this.#flushing = this.#flushing.then(() => this.#write())
    return this.#flushing
  }

  async close(): Promise<void> {
    clearInterval(this.#pruneTimer)
    await this.flush()
  }

  async #write(): Promise<void> {
    const batch = this.#unwritten
    this.#unwritten = []
    if (batch.length === 0) return
    try {
      await this.#ledger.transactPlatform(tx => tx.answers.insert(batch.map(({ answer }) => answer)))
    } catch (error) {
      this.#onFault(error)
    }
    for (const { key } of batch) this.#pending.delete(key)
  }

  async #prune(): Promise<void> {
    const before = this.#clock() - REMEMBERED
    await this.#ledger.transactPlatform(tx => tx.answers.deleteOlder(before)).catch(this.#onFault)
  }

  #forget(key: string, answer: Answer | undefined): void {
    this.#pending.get(key)?.resolve(answer)
    this.#pending.delete(key)
  }
}

/** What makes two requests the same one; undefined for a request that changes nothing or names itself by nothing. */
function claimOf(request: FastifyRequest): Claim | undefined {
  const name = request.headers['request-id']
  if (typeof name !== 'string' || name === '' || ['GET', 'HEAD', 'OPTIONS'].includes(request.method))
    return undefined
  return {
    accountId: request.account.id,
    requestId: hash(name),
    fingerprint: hash(JSON.stringify([request.method, request.url, request.sentBody])),
  }
}

function keyOf({ accountId, requestId, fingerprint }: Claim): string {
  return hash(`${accountId} ${requestId} ${fingerprint}`)
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

function keptHeaders(reply: FastifyReply): Record<string, string> {
  const headers = KEPT_HEADERS.map(name => [name, reply.getHeader(name)] as const)
  return Object.fromEntries(
    headers.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  )
}

function newPending(): Pending {
  const { promise, resolve } = Promise.withResolvers<Answer | undefined>()
  return { answer: promise, resolve }
}
