import Client from 'undici/lib/dispatcher/client.js'
import type { Address } from './dial.ts'
import { dial } from './dial.ts'
import type { Limits } from './limits.ts'

/** One kept-alive connection to a dyno, carrying one request at a time. It opens with its first request, and again if it was closed. */
export interface Connection {
  readonly client: Client
  /** True while a socket is open: a request sent on it may meet the dyno closing it. */
  isOpen: boolean
  /** When it was last given back, on the monotonic clock. */
  idleSince: number
}

/** After this long in idleness a connection is not trusted with a request that could not be repeated. */
const FRESH_FOR = 1000

/**
 * The connections of one dyno. The one given back last is taken first: few stay warm and the rest close by themselves.
 */
export class Connections {
  readonly #address: Address
  readonly #limits: Limits
  readonly #idle: Connection[] = []
  #isClosed = false

  constructor(address: Address, limits: Limits) {
    this.#address = address
    this.#limits = limits
  }

  /** A free connection; one that is certainly new, or was used a moment ago, where the request must not meet a closing one. */
  take(isRepeatable: boolean): Connection {
    const last = this.#idle.at(-1)
    if (!last || (last.isOpen && !isRepeatable && performance.now() - last.idleSince > FRESH_FOR))
      return this.open()
    this.#idle.pop()
    return last
  }

  open(): Connection {
    const { host, port } = this.#address
    const client = new Client(`http://${host.includes(':') ? `[${host}]` : host}:${port}`, {
      connect: (_options, callback) => dial(this.#address, this.#limits.connect, callback),
      maxHeaderSize: this.#limits.responseHeadBytes,
      // The router watches the time of whole requests itself.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
    const connection: Connection = { client, isOpen: false, idleSince: 0 }
    client.on('connect', () => {
      connection.isOpen = true
    })
    client.on('disconnect', () => {
      connection.isOpen = false
    })
    return connection
  }

  giveBack(connection: Connection): void {
    if (this.#isClosed) {
      discard(connection)
      return
    }
    connection.idleSince = performance.now()
    this.#idle.push(connection)
  }

  /** Closes what is idle; what is in use closes when it is given back. */
  close(): void {
    this.#isClosed = true
    for (const connection of this.#idle.splice(0)) discard(connection)
  }
}

function discard({ client }: Connection): void {
  client.destroy().catch(() => {})
}
