import { UserError } from '../core/errors.ts'
import { type Instant, minutes } from '../core/time.ts'

/** How many requests may be made at once, and how many more each minute. */
export interface RateLimitOptions {
  pool: number
  perMinute: number
}

export const DEFAULT_RATE_LIMIT: RateLimitOptions = { pool: 4500, perMinute: 75 }

interface Bucket {
  tokens: number
  at: Instant
}

const MAX_BUCKETS = 10_000

/** A token bucket for each key. It lives in memory: a restart fills all of them. */
export class RateLimit {
  readonly #options: RateLimitOptions | null
  readonly #clock: () => Instant
  readonly #buckets = new Map<string, Bucket>()

  /** Without options nothing is ever refused. */
  constructor(options: RateLimitOptions | null, clock: () => Instant) {
    this.#options = options
    this.#clock = clock
  }

  /** Counts one request of `key` and returns how many are left. Throws `rate_limit` when there are none. */
  take(key: string): number {
    const bucket = this.#refilled(key)
    if (!bucket) return DEFAULT_RATE_LIMIT.pool
    if (bucket.tokens < 1) {
      throw new UserError(
        'rate_limit',
        'Your account reached the API rate limit\nPlease wait a few minutes before making new requests',
      )
    }
    bucket.tokens -= 1
    return Math.floor(bucket.tokens)
  }

  /** How many requests are left to `key`. */
  remaining(key: string): number {
    return Math.floor(this.#refilled(key)?.tokens ?? DEFAULT_RATE_LIMIT.pool)
  }

  #refilled(key: string): Bucket | undefined {
    if (!this.#options) return undefined
    const { pool, perMinute } = this.#options
    const now = this.#clock()
    const bucket = this.#buckets.get(key) ?? { tokens: pool, at: now }
    bucket.tokens = Math.min(pool, bucket.tokens + (Math.max(0, now - bucket.at) / minutes(1)) * perMinute)
    bucket.at = now
    if (!this.#buckets.has(key)) this.#add(key, bucket)
    return bucket
  }

  #add(key: string, bucket: Bucket): void {
    const [oldest] = this.#buckets.keys()
    if (this.#buckets.size >= MAX_BUCKETS && oldest !== undefined) this.#buckets.delete(oldest)
    this.#buckets.set(key, bucket)
  }
}
