import { createHmac, timingSafeEqual } from 'node:crypto'
import { notFound } from '../core/errors.ts'
import type { Duration, Instant } from '../core/time.ts'

/**
 * URLs that carry their own permission, for clients that fetch them without a token: a path with its parameters, an
 * expiry, and a signature over all of it.
 */
export class Capabilities {
  readonly #key: Uint8Array
  readonly #clock: () => Instant

  /** `key` is 32 bytes; whoever has it can make any capability. */
  constructor(key: Uint8Array, clock: () => Instant) {
    this.#key = key
    this.#clock = clock
  }

  /** `path` with `parameters` and a signature that holds for `method` until `lifetime` has passed. */
  sign(grant: {
    method: 'GET' | 'PUT'
    path: string
    lifetime: Duration
    parameters?: Readonly<Record<string, string>>
  }): string {
    const query = new URLSearchParams({
      ...grant.parameters,
      expires: String(this.#clock() + grant.lifetime),
    })
    query.set('signature', this.#signature(grant.method, `${grant.path}?${query}`))
    return `${grant.path}?${query}`
  }

  /** Whether `url` (path and query) was signed here for `method` and still holds. */
  holds(method: string, url: string): boolean {
    const [path = '', search = ''] = url.split('?', 2)
    const query = new URLSearchParams(search)
    const given = Buffer.from(query.get('signature') ?? '')
    query.delete('signature')
    const expected = Buffer.from(this.#signature(method, `${path}?${query}`))
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false
    return Number(query.get('expires')) > this.#clock()
  }

  /** Throws `not_found` unless the request's URL is a capability that holds. */
  check(request: { method: string; url: string }): void {
    const method = request.method === 'HEAD' ? 'GET' : request.method
    if (!this.holds(method, request.url)) throw notFound('stream')
  }

  #signature(method: string, url: string): string {
    return createHmac('sha256', this.#key).update(`${method} ${url}`).digest('base64url')
  }
}
