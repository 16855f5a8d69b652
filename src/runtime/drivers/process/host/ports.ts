import { createServer } from 'node:net'

/** Below the range from which the system takes ports for outgoing connections. */
const FIRST = 11_000
const LAST = 32_000
const ATTEMPTS = 200

/** Gives out ports of the loopback address, none to two dynos at once. */
export class Ports {
  readonly #taken = new Set<number>()

  /** A port nothing listens on. Throws when there seems to be none. */
  async take(): Promise<number> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const port = FIRST + Math.floor(Math.random() * (LAST - FIRST))
      if (this.#taken.has(port)) continue
      this.#taken.add(port)
      if (await isFree(port)) return port
      this.#taken.delete(port)
    }
    throw new Error(`No free port was found between ${FIRST} and ${LAST} in ${ATTEMPTS} attempts.`)
  }

  release(port: number): void {
    this.#taken.delete(port)
  }
}

async function isFree(port: number): Promise<boolean> {
  const onBoth = await canListen(port, '::')
  return onBoth === 'no-address' ? (await canListen(port, '0.0.0.0')) === 'yes' : onBoth === 'yes'
}

function canListen(port: number, host: string): Promise<'yes' | 'no' | 'no-address'> {
  return new Promise(resolve => {
    const server = createServer()
    server.on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT' ? 'no-address' : 'no')
    })
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve('yes')))
  })
}
