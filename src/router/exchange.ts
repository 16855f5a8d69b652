import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { Attempt, type AttemptEvents, type Failure } from './attempt.ts'
import type { Deadlines, Timed } from './deadlines.ts'
import { ConnectTimeout } from './dial.ts'
import { ERRORS, type RouterErrorCode } from './errors.ts'
import { type Arrival, forwardedHeaders, hostName, type RequestHead } from './headers.ts'
import type { Limits } from './limits.ts'
import { linger } from './linger.ts'
import { routerLine } from './log-line.ts'
import { sendErrorPage, sendNoSuchApp } from './pages.ts'
import { RequestBody } from './request-body.ts'
import type { Choice, Held, Route } from './route.ts'
import type { Routes } from './routes.ts'
import type { Target } from './table.ts'
import type { LiveTarget } from './target.ts'
import { joinSockets, switchingProtocols } from './websocket.ts'

/** What all exchanges share. */
export interface Exchanges {
  routes: Routes
  deadlines: Deadlines
  limits: Limits
  /** Takes the router's line about a request to `appId`. */
  log(appId: string, text: string): void
  /** Counts the answer to a request that was given to a dyno. */
  count(appId: string, target: Target, status: number): void
}

/** The client's side of one request. */
export interface Asked {
  request: IncomingMessage
  response: ServerResponse
  head: RequestHead
  arrival: Arrival
  /** `/path?query`, also where the client sent an absolute address. */
  path: string
  /** The client waits for `100 Continue` before it sends the body. */
  expectsContinue: boolean
  /** Why the request is refused whatever the app says: an H26. */
  refusal?: { status: number; cause: string }
}

/** Doing one of these twice is doing it once (RFC 9110, 9.2.2). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

/** One request, from its arrival to its line in the log: finds it a dyno and keeps the time. */
export class Exchange implements Held, Timed, AttemptEvents {
  deadline = Number.POSITIVE_INFINITY
  slot = -1
  readonly #shared: Exchanges
  readonly #asked: Asked
  readonly #headers: string[]
  readonly #host: string
  readonly #isRepeatable: boolean
  readonly #holdUntil: number
  #route: Route | undefined
  #attempt: Attempt | undefined
  #heldWith: RouterErrorCode | undefined
  #attempts = 0
  #isRepeated = false
  #isUploading = false
  #isSettled = false

  constructor(shared: Exchanges, asked: Asked) {
    this.#shared = shared
    this.#asked = asked
    this.#headers = forwardedHeaders(asked.head, asked.arrival)
    this.#host = hostName(asked.head.host)
    this.#isRepeatable = !asked.head.hasBody && IDEMPOTENT.has(asked.request.method ?? '')
    this.#holdUntil = performance.now() + shared.limits.hold
  }

  start(): void {
    this.#shared.deadlines.watch(this)
    this.#asked.response.once('close', () => this.#clientGone())
    this.resume()
  }

  /** Chooses a dyno by the table now in force; called again whenever that may have changed for a held request. */
  resume(): void {
    if (this.#isSettled) return
    this.#heldWith = undefined
    const route = this.#shared.routes.find(this.#host)
    this.#route = route
    if (!route) this.#answerNoSuchApp()
    else if (this.#asked.refusal) this.#fail('H26', this.#asked.refusal.cause)
    else this.#follow(route, route.choose())
  }

  expire(): void {
    if (this.#heldWith) this.#fail(this.#heldWith)
    else if (this.#isUploading) this.#fail('H28')
    else if (!this.#attempt?.isResponding) this.#fail('H12')
    else this.#fail(this.#attempt.isPaused ? 'H28' : 'H15')
  }

  connected(): void {
    this.#isUploading = this.#asked.head.hasBody
    this.#expectWithin(this.#isUploading ? this.#shared.limits.idle : this.#shared.limits.firstByte)
  }

  active(): void {
    this.#expectWithin(this.#shared.limits.idle)
  }

  ended(): void {
    this.#settle()
  }

  failed(failure: Failure): void {
    if (this.#isSettled) return
    if (failure.kind === 'unconnected') this.#tryAnother(failure.fault)
    else if (failure.kind === 'broken') this.#fail(failure.code, failure.cause)
    else this.#repeat()
  }

  upgraded(backend: Duplex, headers: readonly string[]): void {
    const { request, response, head } = this.#asked
    const { socket } = request
    const attempt = this.#attempt as Attempt
    response.detachSocket(socket)
    this.#shared.deadlines.forget(this)
    socket.write(switchingProtocols(headers, head.upgrade ?? ''), 'latin1')
    const close = joinSockets(
      { client: socket, backend, deadlines: this.#shared.deadlines, idle: this.#shared.limits.idle },
      end => {
        attempt.target.removeUpgraded(close)
        attempt.bytes = end.bytes
        attempt.leave()
        this.#settle(end.wasIdle ? 'H15' : undefined)
      },
    )
    attempt.target.addUpgraded(close)
  }

  #follow(route: Route, choice: Choice): void {
    if ('to' in choice) this.#send(choice.to)
    else if ('refuse' in choice) this.#fail(choice.refuse)
    else if (performance.now() >= this.#holdUntil) this.#fail(choice.hold)
    else {
      this.#heldWith = choice.hold
      this.deadline = this.#holdUntil
      route.hold(this)
    }
  }

  #send(target: LiveTarget): void {
    const { request, response, head, path } = this.#asked
    const { connections } = target
    const connection = this.#isRepeated ? connections.open() : connections.take(this.#isRepeatable)
    const attempt = new Attempt(target, connection, { response, limits: this.#shared.limits, events: this })
    this.#attempt = attempt
    this.deadline = Number.POSITIVE_INFINITY
    attempt.send({
      path,
      method: request.method ?? 'GET',
      headers: this.#headers,
      body: head.hasBody ? this.#body() : null,
      upgrade: head.upgrade ?? null,
    })
  }

  #body(): RequestBody {
    const { request, response, expectsContinue } = this.#asked
    return new RequestBody(request, {
      wanted: () => {
        if (expectsContinue) response.writeContinue()
      },
      arrived: () => this.active(),
      complete: () => {
        this.#isUploading = false
        if (!this.#attempt?.isResponding) this.#expectWithin(this.#shared.limits.firstByte)
      },
    })
  }

  /** Nothing was sent: any dyno may have the request. */
  #tryAnother(fault: Error): void {
    this.#attempt?.target.quarantine()
    this.#attempts++
    if (this.#attempts < this.#shared.limits.attempts) this.resume()
    else this.#fail(fault instanceof ConnectTimeout ? 'H19' : 'H21')
  }

  /**
   * The dyno closed an idle connection while the request was on its way, and said nothing. A request that may be
   * repeated, and has no body, is asked once more on a new connection: that can do no harm.
   */
  #repeat(): void {
    if (!this.#isRepeatable || this.#isRepeated) this.#fail('H13')
    else {
      this.#isRepeated = true
      this.resume()
    }
  }

  #expectWithin(duration: number): void {
    this.deadline = performance.now() + duration
  }

  #clientGone(): void {
    if (!this.#isSettled) this.#fail('H27')
  }

  #answerNoSuchApp(): void {
    this.#settle()
    this.#refuseRest()
    sendNoSuchApp(this.#asked.response)
  }

  #fail(code: RouterErrorCode, cause?: string): void {
    const { response, refusal } = this.#asked
    const status = refusal?.status ?? ERRORS[code].status
    this.#settle(code, cause)
    this.#attempt?.abort()
    if (response.headersSent || status === 499) response.destroy()
    else {
      this.#refuseRest()
      sendErrorPage(response, status, code)
    }
  }

  /** What is left of the request has no reader any more. */
  #refuseRest(): void {
    const { request, response, expectsContinue } = this.#asked
    if (expectsContinue) response.shouldKeepAlive = false
    if (!request.complete && this.#asked.head.hasBody) linger(request, this.#shared)
  }

  #settle(code?: RouterErrorCode, cause?: string): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.#shared.deadlines.forget(this)
    this.#route?.release(this)
    if (!this.#route) return
    const { appId } = this.#route.app
    if (this.#attempt) this.#shared.count(appId, this.#attempt.target.target, this.#status(code))
    this.#shared.log(appId, this.#line(code, cause))
  }

  #status(code: RouterErrorCode | undefined): number {
    return code ? (this.#asked.refusal?.status ?? ERRORS[code].status) : (this.#attempt?.status ?? 0)
  }

  #line(code: RouterErrorCode | undefined, cause: string | undefined): string {
    const { request, head, arrival, path } = this.#asked
    const attempt = this.#attempt
    const connectedAt = attempt?.connectedAt
    return routerLine({
      method: request.method ?? '',
      path,
      host: head.host,
      requestId: arrival.requestId,
      fwd: arrival.forwardedFor.replaceAll(', ', ','),
      dyno: attempt?.target.target.dyno,
      connect: attempt && connectedAt !== undefined ? connectedAt - attempt.startedAt : undefined,
      service: connectedAt !== undefined ? performance.now() - connectedAt : undefined,
      status: this.#status(code),
      bytes: attempt?.isResponding ? attempt.bytes : code ? 0 : undefined,
      error: code && ERRORS[code],
      cause,
    })
  }
}
