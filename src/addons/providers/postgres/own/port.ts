import { randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { writeDurably } from '../../../../files/durable.ts'
import { unlessMissing } from '../../../../files/missing.ts'
import { ProviderUnavailable } from '../../../provider.ts'

/** Below the ports of dynos. */
const FIRST = 10_000
const LAST = 10_999
const ATTEMPTS = 100

/**
 * The port in `file`, chosen once: it is in the URLs that releases hold. At random, since whoever else keeps a port of
 * this range need not be running now.
 */
export async function portFile(file: string): Promise<number> {
  const text = await unlessMissing(readFile(file, 'utf8'))
  if (text === undefined) return choosePort(file)
  if (!/^\d{4,5}\s*$/.test(text))
    throw new Error(
      `The file ${file} is damaged: expected a port. Restore it from a backup; it is also in every DATABASE_URL.`,
    )
  return Number(text)
}

async function choosePort(file: string): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = randomInt(FIRST, LAST + 1)
    if (!(await isFree(port))) continue
    await writeDurably(file, `${port}\n`)
    return port
  }
  throw new ProviderUnavailable(`No free port was found between ${FIRST} and ${LAST} for PostgreSQL.`)
}

/** Whether nothing listens on a port of the loopback address. */
export function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.on('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  })
}
