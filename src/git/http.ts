import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { findApp } from '../actions/find-app.ts'
import { accountOfToken } from '../actions/tokens.ts'
import type { Account } from '../core/account.ts'
import type { App } from '../core/app.ts'
import { UserError } from '../core/errors.ts'
import type { Instant } from '../core/time.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Push, Receiver } from './receive.ts'
import type { Repositories } from './repository.ts'

export interface GitContext {
  ledger: Ledger
  clock: () => Instant
  repositories: Repositories
  receiver: Receiver
  onTrouble: (trouble: { doing: string; error: unknown }) => void
}

const PATH = /^\/([^/?]+)\.git\/(info\/refs|git-receive-pack|git-upload-pack)(?:\?(.*))?$/
const SERVICES = ['git-receive-pack', 'git-upload-pack'] as const
type Service = (typeof SERVICES)[number]

export function isGitRequest(url: string): boolean {
  return /^\/[^/?]+\.git(\/|\?|$)/.test(url)
}

/** Git's smart HTTP protocol (gitprotocol-http(5)): Basic authentication, the token as password, any user name. */
export class GitHttp {
  readonly #context: GitContext
  readonly #stopping = new AbortController()
  readonly #exchanges = new Set<Promise<void>>()

  constructor(context: GitContext) {
    this.#context = context
  }

  /** Never rejects: every fault becomes an answer. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const exchange = this.#handle(request, response).finally(() => this.#exchanges.delete(exchange))
    this.#exchanges.add(exchange)
    return exchange
  }

  /** Ends every push and fetch; resolves when no git process is left. */
  async close(): Promise<void> {
    this.#stopping.abort()
    await Promise.all(this.#exchanges)
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#answer(request, response)
    } catch (error) {
      if (error instanceof UserError) return refuse(response, error)
      this.#context.onTrouble({ doing: 'git', error })
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' })
      response.end('The platform failed to serve this repository; its log says why.\n')
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, name = '', action = '', query = ''] = PATH.exec(request.url ?? '') ?? []
    if (name === '')
      return plain(response, 404, 'Not a git repository of this platform. Use <app>.git as the URL.\n')
    const account = await this.#authenticate(request)
    if (!account) return challenge(response)
    const app = await findApp(this.#context.ledger, account, name, 'deploy')
    const repository = await this.#context.repositories.open(app.id)
    const asked = action === 'info/refs' ? new URLSearchParams(query).get('service') : action
    const service = SERVICES.find(known => known === asked)
    if (!service)
      return plain(response, 403, 'This server speaks the smart HTTP protocol only. Use a newer git.\n')
    if (action === 'info/refs') return this.#advertise(service, repository, response)
    if (request.method !== 'POST') return plain(response, 405, 'Use POST.\n')
    await this.#serve(service, { request, response, app, account, repository })
  }

  async #authenticate(request: IncomingMessage): Promise<Account | undefined> {
    const [, encoded = ''] = /^Basic +([A-Za-z0-9+/=]+) *$/i.exec(request.headers.authorization ?? '') ?? []
    const decoded = Buffer.from(encoded, 'base64').toString('utf8')
    const token = decoded.slice(decoded.indexOf(':') + 1)
    if (token === '') return undefined
    return (await accountOfToken(this.#context.ledger, token, this.#context.clock()))?.account
  }

  async #advertise(service: Service, repository: string, response: ServerResponse): Promise<void> {
    const refs = await this.#context.repositories.advertise(service, repository)
    response.writeHead(200, {
      'content-type': `application/x-${service}-advertisement`,
      'cache-control': 'no-cache',
    })
    const banner = `# service=${service}\n`
    response.end(
      Buffer.concat([Buffer.from(`${(banner.length + 4).toString(16).padStart(4, '0')}${banner}0000`), refs]),
    )
  }

  async #serve(service: Service, exchange: Exchange): Promise<void> {
    const { request, response, app, account, repository } = exchange
    const gone = new AbortController()
    response.on('close', () => {
      if (!response.writableFinished) gone.abort()
    })
    const stopping = this.#stopping.signal
    const signal = AbortSignal.any([gone.signal, stopping])
    response.writeHead(200, {
      'content-type': `application/x-${service}-result`,
      'cache-control': 'no-cache',
    })
    const options = { repository, body: bodyOf(request), response }
    if (service === 'git-upload-pack') return this.#context.repositories.upload({ ...options, signal })
    const push: Push = { app, by: { id: account.id, email: account.email }, repository, signal, stopping }
    await this.#context.repositories.receive(options, (refs, output) =>
      this.#context.receiver.receive(push, refs, output),
    )
  }
}

interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  app: App
  account: Account
  repository: string
}

function bodyOf(request: IncomingMessage): Readable {
  if (request.headers['content-encoding'] !== 'gzip') return request
  // Whoever reads it hears of what goes wrong.
  return pipeline(request, createGunzip(), () => {})
}

function challenge(response: ServerResponse): void {
  response.setHeader('www-authenticate', 'Basic realm="Tidemark", charset="UTF-8"')
  plain(response, 401, 'Give any user name, and an API token as the password: tidemark tokens:create\n')
}

function refuse(response: ServerResponse, error: UserError): void {
  plain(response, error.id === 'not_found' ? 404 : 403, `${error.message}\n`)
}

function plain(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) return void response.end()
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(text)
}
