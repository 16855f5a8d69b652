import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'

export interface BodyEvents {
  /** The app asks for the first byte: a client that waits for `100 Continue` may begin. */
  wanted(): void
  /** Bytes came from the client. */
  arrived(): void
  /** The whole body has come. */
  complete(): void
}

/**
 * A request's body on its way to the app, with back-pressure. It can be given up without the client's connection
 * being torn down, as destroying the request itself would: the client still has to read the answer.
 */
export class RequestBody extends Readable {
  readonly #request: IncomingMessage
  readonly #events: BodyEvents
  #isStarted = false

  constructor(request: IncomingMessage, events: BodyEvents) {
    super()
    this.#request = request
    this.#events = events
  }

  override _read(): void {
    if (!this.#isStarted) this.#start()
    this.#request.resume()
  }

  override _destroy(fault: Error | null, callback: (fault?: Error | null) => void): void {
    this.#request.off('data', this.#onData).off('end', this.#onEnd)
    // What still comes is read and thrown away, so that the connection stays in step.
    this.#request.resume()
    callback(fault)
  }

  #start(): void {
    this.#isStarted = true
    this.#events.wanted()
    this.#request.on('data', this.#onData).on('end', this.#onEnd)
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#events.arrived()
    if (!this.push(chunk)) this.#request.pause()
  }

  readonly #onEnd = (): void => {
    this.push(null)
    this.#events.complete()
  }
}
