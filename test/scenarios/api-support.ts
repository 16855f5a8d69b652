import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { createAccount } from '../../src/actions/accounts.ts'
import { claimBuild } from '../../src/actions/claim-build.ts'
import { finishBuild } from '../../src/actions/finish-build.ts'
import { finishRelease } from '../../src/actions/finish-release.ts'
import { startBuild } from '../../src/actions/start-build.ts'
import { issueToken } from '../../src/actions/tokens.ts'
import { answerClientError } from '../../src/api/client-error.ts'
import type { ApiContext } from '../../src/api/context.ts'
import type { Fault } from '../../src/api/errors.ts'
import { createApi } from '../../src/api/server.ts'
import type { Account } from '../../src/core/account.ts'
import { DEFAULT_STACK } from '../../src/core/app.ts'
import type { Release } from '../../src/core/release.ts'
import { DEFAULT_RETENTION } from '../../src/core/retention.ts'
import { sqliteDialect } from '../../src/ledger/dialects/sqlite.ts'
import { Ledger } from '../../src/ledger/ledger.ts'
import { sqliteSql } from '../../src/ledger/migrations/dialect-sql.ts'
import { Seal } from '../../src/ledger/seal.ts'
import { LogStore } from '../../src/logs/store.ts'
import { Transcripts } from '../../src/logs/transcript.ts'

/** The parts of an answer that tests look at. `body` is what was sent, parsed when it is JSON. */
interface Answer {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests say which members they expect by looking at them
  body: any
}

export interface Caller {
  account: Account
  token: string
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
}

interface CallOptions {
  body?: unknown
  headers?: Record<string, string>
}

/** The API on a temporary directory, behind a real server. Everything ends with the test. */
export interface Platform {
  url: string
  directory: string
  ledger: Ledger
  context: ApiContext
  faults: Fault[]
  /** The moment it is for the platform; a test may move it on. */
  clock: { now: number }
  owner: Caller
  caller(email: string, options?: { password?: string }): Promise<Caller>
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
  /** Stops the API and starts it again on the same directory. */
  restart(): Promise<void>
}

export async function startPlatform(
  test: TestContext,
  overrides: Partial<ApiContext> = {},
): Promise<Platform> {
  const directory = await mkdtemp(join(tmpdir(), 'tidemark-api-'))
  const clock = { now: Date.parse('2026-03-01T12:00:00Z') }
  const keys = { seal: randomBytes(32), capability: randomBytes(32) }
  const faults: Fault[] = []
  const dialect = () => sqliteDialect(join(directory, 'ledger.sqlite'))
  const open = () =>
    Ledger.open({
      dialect: dialect(),
      sql: sqliteSql,
      seal: new Seal(keys.seal),
      clock: () => clock.now,
      newId: randomUUID,
    })

  const server = createServer().on('clientError', answerClientError)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  async function boot(ledger: Ledger) {
    const context: ApiContext = {
      ledger,
      clock: () => clock.now,
      random: randomInt,
      addresses: () => ({
        api: url,
        apiTls: url,
        git: 'https://localhost:5443',
        appsDomain: 'localhost',
        routerPort: 8080,
      }),
      logs: new LogStore(join(directory, 'logs'), () => clock.now),
      transcripts: new Transcripts(join(directory, 'transcripts')),
      stacks: [DEFAULT_STACK],
      sourcesDirectory: join(directory, 'sources'),
      capabilityKey: keys.capability,
      purgeBuildCache: async () => {},
      examine: async () => [],
      settings: { bootTimeout: 90_000 },
      receive: async () => {
        throw new Error('Nothing is received here.')
      },
      exportImage: async function* () {},
      verifyArtifact: async () => ({ faults: [], runtimeFault: null, isRepaired: false }),
      addons: { services: async () => [], sso: async () => null, canRotate: async () => false },
      commitsAfter: async () => null,
      retention: {
        policy: DEFAULT_RETENTION,
        preview: async () => ({
          policy: DEFAULT_RETENTION,
          verdicts: [],
          digests: [],
          artifacts: 0,
        }),
        reclaimable: async () => 0,
        sweep: async () => ({ releases: [], artifacts: 0, bytes: 0 }),
        ageCountsAgainAt: async () => null,
      },
      disk: {
        disk: async () => ({ total: 100, free: 50, used: 10, budget: null }),
        apps: async () => [],
        refusal: async () => undefined,
      },
      repositorySize: async () => 0,
      onFault: fault => void faults.push(fault),
      ...overrides,
    }
    const api = await createApi(context)
    await api.ready()
    server.removeAllListeners('request').on('request', api.routing)
    return { api, context }
  }

  test.after(async () => {
    server.closeAllConnections()
    server.close()
  })
  const ledger = await open()
  let running = await boot(ledger)
  const platform: Platform = {
    url,
    directory,
    ledger,
    context: running.context,
    faults,
    clock,
    owner: undefined as never,
    call: (method, path, options) => call(url, { method, path }, options),
    caller: (email, options) => makeCaller(platform, { email, isOwner: false, ...options }),
    restart: async () => {
      await running.api.close()
      await platform.ledger.close()
      platform.ledger = await open()
      running = await boot(platform.ledger)
      platform.context = running.context
    },
  }
  test.after(async () => {
    await running.api.close()
    await platform.ledger.close()
    await rm(directory, { recursive: true, force: true })
  })
  platform.owner = await makeCaller(platform, { email: 'owner@example.com', isOwner: true })
  return platform
}

async function makeCaller(
  platform: Platform,
  draft: { email: string; password?: string; isOwner: boolean },
): Promise<Caller> {
  const account = await createAccount(platform.ledger, draft)
  const { secret } = await issueToken(platform.ledger, account, { description: 'test', expiresIn: null })
  const token = secret.reveal()
  return {
    account,
    token,
    call: (method, path, { body, headers } = {}) =>
      call(
        platform.url,
        { method, path },
        { body, headers: { authorization: `Bearer ${token}`, ...headers } },
      ),
  }
}

async function call(
  url: string,
  { method, path }: { method: string; path: string },
  { body, headers }: CallOptions = {},
): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    redirect: 'manual',
    signal: AbortSignal.timeout(60_000),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') && text !== ''
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
}

/** Deploys code to an app as a build and the runtime would; the release stays pending when `outcome` says so. */
export async function deploy(
  { ledger }: Platform,
  { account }: Caller,
  app: { id: string },
  {
    commit = randomBytes(20).toString('hex'),
    processTypes = { web: 'node server.js' },
    outcome = 'succeeded',
  }: {
    commit?: string
    processTypes?: Record<string, string>
    outcome?: 'succeeded' | 'failed' | 'pending'
  } = {},
): Promise<Release> {
  const build = await startBuild(ledger, account, app.id, {
    source: { kind: 'git', commit },
    version: commit,
    versionDescription: null,
    buildpacks: [],
  })
  await claimBuild(ledger, app.id, build.id)
  const release = await finishBuild(ledger, app.id, build.id, {
    digest: `sha256:${randomBytes(32).toString('hex')}`,
    size: 8_300_000,
    processTypes,
    stack: DEFAULT_STACK,
    buildpacks: [{ url: 'tidemark/nodejs', name: 'tidemark/nodejs' }],
    buildpackDescription: 'Node.js',
  })
  if (outcome !== 'pending') await endRelease(ledger, app, release, outcome)
  return release
}

/** Ends the rollout of a release as the runtime would. */
export async function endRelease(
  ledger: Ledger,
  app: { id: string },
  release: { id: string },
  outcome: 'succeeded' | 'failed',
): Promise<void> {
  const ended =
    outcome === 'failed'
      ? { status: outcome, reason: 'the release command exited with status 1' }
      : { status: outcome }
  await finishRelease(ledger, app.id, release.id, ended)
}
