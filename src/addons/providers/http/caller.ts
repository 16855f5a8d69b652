import { setTimeout as after } from 'node:timers/promises'
import { ProviderUnavailable } from '../../provider.ts'
import type { Partner } from './partner.ts'

/** Milliseconds, but for `tries`. */
export interface CallLimits {
  /** For one call, all its tries and pauses together. */
  budget: number
  /** How often at most it is sent, when the provider cannot be reached or answers with an error of its own. */
  tries: number
  /** Before the second try; doubled before each one after it. */
  pause: number
}

export interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** After the manifest's base_url: empty, or `/` and an id. */
  path: string
  body?: unknown
  /** An error of the provider's own is an answer like any other. */
  takesErrors?: boolean
}

export interface Answer {
  status: number
  /** Null when there was more than {@link MAX_BODY} of it. */
  body: Uint8Array | null
}

/** Bytes, after decompression. */
export const MAX_BODY = 1024 * 1024

/** What the documentation of the Partner API allows a provider to take. */
const LIMITS: CallLimits = { budget: 25_000, tries: 3, pause: 500 }

/** Asks one provider, as the Partner API says: JSON over HTTP, with the manifest's credentials, no redirect followed. */
export class Caller {
  readonly #partner: Partner
  readonly #limits: CallLimits

  constructor(partner: Partner, limits: Partial<CallLimits> = {}) {
    this.#partner = partner
    this.#limits = { ...LIMITS, ...limits }
  }

  /** Resolves with whatever was answered in the end; rejects when nothing was, or with the signal's reason. */
  async call(call: Call, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted()
    const budget = AbortSignal.timeout(this.#limits.budget)
    const either = AbortSignal.any([signal, budget])
    for (let tried = 1; ; tried++) {
      const outcome = await this.#try(call, either)
      signal.throwIfAborted()
      const isAnswer = 'status' in outcome
      const mayHelp = !isAnswer || (outcome.status >= 500 && !call.takesErrors)
      if (mayHelp && tried < this.#limits.tries && (await this.#pause(tried, either))) continue
      signal.throwIfAborted()
      if (isAnswer) return outcome
      throw outcome
    }
  }

  /** False when there is no time left for it, which is so at once after a try that used up all of it. */
  #pause(tried: number, signal: AbortSignal): Promise<boolean> {
    return after(this.#limits.pause * 2 ** (tried - 1), true, { signal }).catch(() => false)
  }

  async #try(call: Call, signal: AbortSignal): Promise<Answer | ProviderUnavailable> {
    try {
      const response = await fetch(this.#partner.manifest.baseUrl + call.path, {
        method: call.method,
        headers: this.#headers(call),
        redirect: 'manual',
        signal,
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      })
      return { status: response.status, body: await readBody(response) }
    } catch (cause) {
      return new ProviderUnavailable(this.#sentence(cause, signal), { cause })
    }
  }

  #headers(call: Call): Record<string, string> {
    const { id, password } = this.#partner.manifest
    const credentials = Buffer.from(`${id}:${password.reveal()}`).toString('base64')
    return {
      accept: 'application/vnd.heroku-addons+json; version=3',
      authorization: `Basic ${credentials}`,
      'user-agent': 'tidemark',
      ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
    }
  }

  #sentence(fault: unknown, signal: AbortSignal): string {
    const { id, baseUrl } = this.#partner.manifest
    if (signal.aborted) return `${id} did not answer within ${this.#limits.budget / 1000} seconds.`
    const code = codeOf(fault)
    return `${id} cannot be reached at ${new URL(baseUrl).host}${code ? ` (${code})` : ''}. Try again in a while.`
  }
}

async function readBody(response: Response): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  // Leaving the loop breaks the conversation off: nobody makes us read without end.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > MAX_BODY) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** `ECONNREFUSED`: fetch hides it one or two errors deep. */
function codeOf(fault: unknown): string | undefined {
  for (let error = fault; error instanceof Error; error = error.cause) {
    if ('code' in error && typeof error.code === 'string') return error.code
  }
  return undefined
}
