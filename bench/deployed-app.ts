/** An app deployed on a real platform by a real git push, and the same app started bare. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { PlatformClient } from '../src/client/platform-client.ts'
import { startPlatform, type TestPlatform } from '../test/support/platform.ts'
import { TestRepository } from '../test/support/repository.ts'

const PATIENCE = 30_000

/** Answers which release it is and which node runs it; `bootTime` milliseconds pass before it listens on `host`. */
export function serverSource(bootTime: number, host = '127.0.0.1'): string {
  return `const { createServer } = require('node:http')
const answer = JSON.stringify({ release: process.env.HEROKU_RELEASE_VERSION, node: process.execPath })
const server = createServer((_, response) => response.end(answer))
setTimeout(() => server.listen(process.env.PORT, '${host}'), ${bootTime})
process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeIdleConnections()
})
`
}

export class DeployedApp implements AsyncDisposable {
  readonly name = 'bench'
  readonly platform: TestPlatform
  readonly repository: TestRepository
  readonly client: PlatformClient
  readonly #agent = new Agent({ keepAlive: true })

  private constructor(platform: TestPlatform, repository: TestRepository) {
    this.platform = platform
    this.repository = repository
    this.client = new PlatformClient({ url: platform.endpoints.api, token: platform.token })
  }

  /** Deploys `fixture` with these files in place of its own, on a platform with these settings. */
  static async start(
    fixture: string,
    files: Readonly<Record<string, string>> = {},
    environment: Readonly<Record<string, string>> = {},
  ): Promise<DeployedApp> {
    const app = new DeployedApp(await startPlatform({ environment }), await TestRepository.of(fixture))
    try {
      for (const [file, text] of Object.entries(files)) await app.repository.write(file, text)
      await app.client.apps.create({ name: app.name })
      await app.deploy()
      return app
    } catch (error) {
      await app[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Commits what was written and pushes it. Throws what the push said when it is declined. */
  async deploy(): Promise<void> {
    await this.repository.commit('Change')
    await this.push()
  }

  async push(): Promise<void> {
    const { status, stderr } = await this.repository.push(this.platform, this.name)
    if (status !== 0) throw new Error(`The push was declined:\n${stderr}`)
  }

  /** One request through the router; undefined for anything but a 200. */
  async ask(): Promise<{ release?: string; node?: string; database?: string | null } | undefined> {
    const { port } = new URL(this.platform.endpoints.router)
    const text = await answerOf(Number(port), this.#agent, `${this.name}.localhost`)
    return text === undefined ? undefined : JSON.parse(text)
  }

  /** Resolves once the app's newest release is current and only its own dynos are left. */
  async settled(): Promise<void> {
    await until(async () => {
      const release = await this.client.releases.newest(this.name)
      const dynos = await this.client.dynos.list(this.name)
      return release.status !== 'pending' && dynos.every(dyno => dyno.release.version === release.version)
    }, 20)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy()
    await this.platform[Symbol.asyncDispose]()
    await this.repository[Symbol.asyncDispose]()
  }
}

/** Milliseconds from starting `node server.js` in `directory` to its first answer, looked for every `pause` milliseconds. */
export async function bareBoot(
  node: string,
  directory: string,
  environment: Readonly<Record<string, string>> = {},
  pause = 1,
): Promise<number> {
  const port = await freePort()
  const agent = new Agent({ keepAlive: true })
  const begin = performance.now()
  const child = spawn(node, ['server.js'], {
    cwd: directory,
    env: { ...environment, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const exited = once(child, 'exit')
  try {
    await until(async () => (await answerOf(port, agent)) !== undefined, pause)
    return performance.now() - begin
  } finally {
    child.kill('SIGKILL')
    await exited
    agent.destroy()
  }
}

/** Asks every `pause` milliseconds. Throws when the answer stays no. */
export async function until(probe: () => Promise<boolean>, pause: number): Promise<void> {
  const end = performance.now() + PATIENCE
  while (!(await probe())) {
    if (performance.now() > end) throw new Error(`It did not happen within ${PATIENCE / 1000} s.`)
    await delay(pause)
  }
}

/** The body of a 200 from `port`; undefined for anything else, also when nobody listens. */
export function answerOf(port: number, agent: Agent, host = 'localhost'): Promise<string | undefined> {
  return new Promise(resolve => {
    const request = get({ host: '127.0.0.1', port, agent, headers: { host } }, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', chunk => {
        text += chunk
      })
      response.on('end', () => resolve(response.statusCode === 200 ? text : undefined))
      response.on('error', () => resolve(undefined))
    })
    request.on('error', () => resolve(undefined))
  })
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
