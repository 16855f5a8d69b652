/** Visitors of an app, each of whom asks again as soon as it is answered; and what they were answered. */
import { Pool } from 'undici'
import type { DeployedApp } from './deployed-app.ts'

export class Load implements AsyncDisposable {
  readonly releases = new Set<string>()
  /** What was wrong with answers, and how often. */
  readonly faults = new Map<string, number>()
  #good = 0
  readonly #app: DeployedApp
  readonly #pool: Pool
  readonly #visitors: readonly Promise<void>[]
  #isOver = false

  constructor(app: DeployedApp, connections: number) {
    this.#app = app
    const origin = app.platform.endpoints.router.replace(/\/\/[^:]+/, '//127.0.0.1')
    this.#pool = new Pool(origin, { connections, pipelining: 1 })
    this.#visitors = Array.from({ length: connections }, () => this.#keepAsking())
  }

  get failed(): number {
    return [...this.faults.values()].reduce((sum, count) => sum + count, 0)
  }

  get count(): number {
    return this.#good + this.failed
  }

  /** Resolves when the last answer is there. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#visitors)
    await this.#pool.close()
  }

  async #keepAsking(): Promise<void> {
    while (!this.#isOver) {
      const fault = await this.#ask().catch((error: Error) => error.message)
      if (fault === undefined) this.#good++
      else this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1)
    }
  }

  /** Returns what was wrong with the answer. */
  async #ask(): Promise<string | undefined> {
    const headers = { host: `${this.#app.name}.localhost` }
    const { statusCode, body } = await this.#pool.request({ path: '/', method: 'GET', headers })
    const text = await body.text()
    if (statusCode !== 200) return `status ${statusCode}`
    this.releases.add((JSON.parse(text) as { release: string }).release)
    return undefined
  }
}
