import { createServer } from 'node:net'

const FIRST = 9000
const COUNT = 1000

/**
 * A port of the loopback address that is neither in `taken` nor listened on; undefined when there is none. By chance,
 * so that two platforms of a machine seldom choose the same while one of them is stopped.
 */
export async function freePort(taken: ReadonlySet<number>): Promise<number | undefined> {
  const start = Math.floor(Math.random() * COUNT)
  for (let step = 0; step < COUNT; step++) {
    const port = FIRST + ((start + step) % COUNT)
    if (!taken.has(port) && (await canListen(port))) return port
  }
  return undefined
}

function canListen(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.on('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  })
}
