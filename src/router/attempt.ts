import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Dispatcher } from 'undici'
import { type BackendFault, backendFault, isSilentClose, isUnsendable } from './backend-fault.ts'
import type { Connection } from './connections.ts'
import { type ResponseHead, readResponseHead } from './headers.ts'
import type { Limits } from './limits.ts'
import type { LiveTarget } from './target.ts'

export interface AttemptEvents {
  /** The dyno has accepted the connection; the request is being written. */
  connected(): void
  /** Bytes of the response, its head included, were passed on. */
  active(): void
  ended(): void
  upgraded(backend: Duplex, headers: readonly string[]): void
  failed(failure: Failure): void
}

export type Failure =
  /** Nothing was sent: any other dyno may be asked. */
  | { kind: 'unconnected'; fault: Error }
  /** A kept-alive connection was closed before the first byte of an answer. */
  | { kind: 'closed-on-reuse' }
  | ({ kind: 'broken' } & BackendFault)

/** One try to have a request answered by one dyno: passes the response on as it comes. */
export class Attempt implements Dispatcher.DispatchHandler {
  readonly target: LiveTarget
  readonly startedAt = performance.now()
  /** When the dyno had accepted the request, on the monotonic clock. */
  connectedAt: number | undefined
  status = 0
  bytes = 0
  isResponding = false
  readonly #connection: Connection
  readonly #isReused: boolean
  readonly #response: ServerResponse
  readonly #limits: Limits
  readonly #events: AttemptEvents
  #controller: Dispatcher.DispatchController | undefined
  #contentLength: number | undefined
  #isAborted = false
  #hasLeft = false

  constructor(
    target: LiveTarget,
    connection: Connection,
    parts: { response: ServerResponse; limits: Limits; events: AttemptEvents },
  ) {
    target.begin()
    this.target = target
    this.#connection = connection
    this.#isReused = connection.isOpen
    this.#response = parts.response
    this.#limits = parts.limits
    this.#events = parts.events
  }

  /** The client does not take what the dyno sends. */
  get isPaused(): boolean {
    return this.#controller?.paused ?? false
  }

  send(options: Dispatcher.DispatchOptions): void {
    this.#connection.client.dispatch(options, this)
  }

  /** Breaks the conversation off; no event follows. While the connection is still being made, the dyno stays occupied until then. */
  abort(): void {
    this.#isAborted = true
    this.#controller?.abort(new Error('The request was given up.'))
  }

  /** Frees the dyno's slot. Only an upgraded attempt is left from outside, at the end of its sockets. */
  leave(): void {
    if (this.#hasLeft) return
    this.#hasLeft = true
    this.target.connections.giveBack(this.#connection)
    this.target.end()
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#isAborted) {
      controller.abort(new Error('The request was given up.'))
      return
    }
    this.connectedAt = performance.now()
    this.#events.connected()
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    _headers: unknown,
    statusText = '',
  ): void {
    const head = readResponseHead((controller.rawHeaders ?? []) as Buffer[], this.#limits)
    if ('cause' in head) this.#refuse({ code: 'H25', cause: head.cause })
    else if (statusText.length > this.#limits.statusLineBytes) {
      this.#refuse({ code: 'H25', cause: 'oversized status line' })
    } else if (status < 200) passInformation(this.#response, status, head.headers)
    else this.#passHead(status, statusText, head)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.bytes += chunk.length
    this.#events.active()
    // With the last byte at hand, head, body and end leave in one write.
    if (this.bytes === this.#contentLength) this.#response.end(chunk)
    else if (!this.#response.write(chunk)) this.#pause(controller)
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    if (!this.#response.writableEnded) {
      const trailers = (controller.rawTrailers ?? []) as Buffer[]
      if (trailers.length > 0) this.#response.addTrailers(pairs(trailers))
      this.#response.end()
    }
    this.leave()
    this.#events.ended()
  }

  onResponseError(_controller: unknown, fault: Error): void {
    this.leave()
    if (this.#isAborted) return
    this.#events.failed(this.#failure(fault))
  }

  onRequestUpgrade(
    controller: Dispatcher.DispatchController,
    status: number,
    _headers: unknown,
    backend: Duplex,
  ): void {
    if (this.#isAborted) {
      backend.destroy()
      this.leave()
      return
    }
    const head = readResponseHead((controller.rawHeaders ?? []) as Buffer[], this.#limits)
    this.status = status
    this.isResponding = true
    this.#events.upgraded(backend, 'headers' in head ? head.headers : [])
  }

  #passHead(status: number, statusText: string, head: ResponseHead): void {
    try {
      this.#response.writeHead(status, statusText, head.headers)
    } catch {
      this.#refuse({ code: 'H17' })
      return
    }
    this.status = status
    this.#contentLength = head.contentLength
    this.isResponding = true
    this.#events.active()
  }

  #failure(fault: Error): Failure {
    if (this.connectedAt === undefined && !isUnsendable(fault)) return { kind: 'unconnected', fault }
    if (this.#isReused && !this.isResponding && isSilentClose(fault)) return { kind: 'closed-on-reuse' }
    return { kind: 'broken', ...backendFault(fault, this.isResponding) }
  }

  #refuse(fault: BackendFault): void {
    this.abort()
    this.#events.failed({ kind: 'broken', ...fault })
  }

  #pause(controller: Dispatcher.DispatchController): void {
    controller.pause()
    this.#response.once('drain', () => {
      this.#events.active()
      controller.resume()
    })
  }
}

/** Interim answers; a client of HTTP/1.0 would take one for the answer itself. */
function passInformation(response: ServerResponse, status: number, headers: readonly string[]): void {
  const request: IncomingMessage = response.req
  if (request.httpVersionMinor === 0) return
  if (status === 102) {
    response.writeProcessing()
    return
  }
  if (status !== 103) return
  const link: string[] = []
  for (let i = 0; i < headers.length; i += 2)
    if (headers[i]?.toLowerCase() === 'link') link.push(headers[i + 1] as string)
  try {
    response.writeEarlyHints({ link })
  } catch {
    // A malformed hint is not worth an error: the answer itself still comes.
  }
}

function pairs(raw: readonly Buffer[]): [string, string][] {
  const list: [string, string][] = []
  for (let i = 0; i + 1 < raw.length; i += 2) list.push([String(raw[i]), String(raw[i + 1])])
  return list
}
