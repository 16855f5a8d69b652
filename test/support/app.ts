import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { PlatformClient } from '../../src/client/platform-client.ts'
import type { Release } from '../../src/client/shapes.ts'
import { LogStore } from '../../src/logs/store.ts'
import { eventually } from './eventually.ts'
import type { TestPlatform } from './platform.ts'

/** The API's answer to a call. `body` is parsed JSON. */
export interface Answer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests say which members they expect by looking at them
  body: any
}

/** Calls the API of a platform, as its owner unless a token says otherwise. */
export async function call(
  platform: TestPlatform,
  request: { method?: string; path: string; body?: unknown; token?: string },
): Promise<Answer> {
  const { method = 'GET', path, body, token = platform.token } = request
  const response = await fetch(`${platform.endpoints.api}${path}`, {
    method,
    headers: {
      accept: 'application/vnd.heroku+json; version=3',
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? null : JSON.parse(text) }
}

/** An app of a test platform, as its developer and its visitors meet it. */
export class TestApp {
  readonly platform: TestPlatform
  readonly name: string
  readonly id: string

  private constructor(platform: TestPlatform, { name, id }: { name: string; id: string }) {
    this.platform = platform
    this.name = name
    this.id = id
  }

  static async create(platform: TestPlatform, name: string, token?: string): Promise<TestApp> {
    const made = await call(platform, {
      method: 'POST',
      path: '/apps',
      body: { name },
      ...(token && { token }),
    })
    if (made.status !== 201) throw new Error(`App ${name} was not made: ${JSON.stringify(made)}`)
    return new TestApp(platform, made.body)
  }

  /** One that is there already. */
  static async of(platform: TestPlatform, name: string): Promise<TestApp> {
    return new TestApp(platform, (await call(platform, { path: `/apps/${name}` })).body)
  }

  call(method: string, path: string, body?: unknown): Promise<Answer> {
    return call(this.platform, { method, path: `/apps/${this.name}${path}`, body })
  }

  /** Every release, oldest first. */
  async releases(): Promise<Release[]> {
    const { endpoints, token } = this.platform
    const { releases } = new PlatformClient({ url: endpoints.api, token })
    return (await releases.list(this.name, { max: Number.POSITIVE_INFINITY })).reverse()
  }

  async releaseId(version: number): Promise<string | undefined> {
    return (await this.releases()).find(release => release.version === version)?.id
  }

  /** `v3 succeeded`, newest first. */
  async history(): Promise<string[]> {
    return (await this.releases()).reverse().map(({ version, status }) => `v${version} ${status}`)
  }

  setConfig(vars: Readonly<Record<string, string | null>>): Promise<Answer> {
    return this.call('PATCH', '/config-vars', vars)
  }

  /** Waits until release `version` has that status. */
  becomes(version: number, status: string): Promise<unknown> {
    return eventually(`v${version} ${status}`, async () =>
      (await this.releases()).find(release => release.version === version && release.status === status),
    )
  }

  /** What `ps` shows, by name. */
  async dynos(): Promise<{ id: string; name: string; state: string; release: { version: number } }[]> {
    return (await this.call('GET', '/dynos')).body
  }

  visit(path = '/', agent?: Agent): Promise<{ status: number; text: string }> {
    return visit(this.platform, { host: `${this.name}.localhost`, path, ...(agent && { agent }) })
  }

  /** What the moody fixture says of itself. */
  async self(): Promise<{ dyno: string; release: string; pid: number; greeting?: string }> {
    const { status, text } = await this.visit()
    if (status !== 200) throw new Error(`${this.name} answered ${status}: ${text}`)
    return JSON.parse(text)
  }

  /** Log lines as people read them, without their times. */
  async log(): Promise<string[]> {
    const store = new LogStore(join(this.platform.dataDir, 'logs'), Date.now)
    const lines = await store.query(this.id, { lines: 1500 })
    return lines.map(({ source, dyno, text }) => `${source}[${dyno}]: ${text}`)
  }
}

export async function visit(
  platform: TestPlatform,
  { host, path, agent }: { host: string; path: string; agent?: Agent },
): Promise<{ status: number; text: string }> {
  const port = new URL(platform.endpoints.router).port
  const options = { host: '127.0.0.1', port, path, headers: { host }, ...(agent && { agent }) }
  const sent = request({ ...options, timeout: 60_000 }).end()
  sent.on('timeout', () => sent.destroy(new Error('No answer within 60 s.')))
  const [response] = await once(sent, 'response')
  let text = ''
  for await (const chunk of response) text += chunk
  return { status: response.statusCode, text }
}

/** Between two visits of one visitor, so that tests leave the machine some breath. */
const PACE = 25

/** Visitors who ask one thing after another until they are told to stop, and remember what went wrong. */
export class Traffic implements AsyncDisposable {
  readonly #app: TestApp
  readonly #agent: Agent
  readonly #visitors: Promise<void>[]
  readonly failures: string[] = []
  count = 0
  #isOver = false

  constructor(app: TestApp, connections = 4) {
    this.#app = app
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections })
    this.#visitors = Array.from({ length: connections }, () => this.#keepAsking())
  }

  /** Waits until `more` further visits were answered. */
  async more(more: number): Promise<void> {
    const goal = this.count + more
    await eventually(`${more} more visits`, async () => this.count >= goal || undefined)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#visitors)
    this.#agent.destroy()
  }

  async #keepAsking(): Promise<void> {
    while (!this.#isOver) {
      const answer = await this.#app
        .visit('/', this.#agent)
        .catch(error => ({ status: 0, text: String(error) }))
      this.count++
      if (answer.status !== 200) this.failures.push(`${answer.status} ${answer.text.slice(0, 200)}`)
      await after(PACE)
    }
  }
}
