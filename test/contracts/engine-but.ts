import { randomBytes } from 'node:crypto'
import { createServer, request, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import type { DockerDriverOptions } from '../../src/runtime/drivers/docker/driver.ts'
import { type DockerWorld, world } from './driver-docker-world.ts'

const SOCKET = '/var/run/docker.sock'

/** What becomes of a request: it is passed on, now or unheard later; its answer is lost on the way; somebody else answers. */
export type Fate = 'pass' | 'lose' | ((answer: ServerResponse) => void) | { unheardAfter: Promise<void> }

/** The engine's answer when it fails at what was asked. */
export function refusal(message: string): (answer: ServerResponse) => void {
  return answer =>
    void answer.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify({ message }))
}

/** A driver of the machine's engine, but for the requests of which `fate` says otherwise. */
export async function worldBut(
  t: TestContext,
  fate: (method: string, path: string) => Fate | Promise<Fate>,
  changes: Partial<DockerDriverOptions> = {},
): Promise<DockerWorld> {
  const { socket, close } = await engineBut(fate)
  const made = world(t, { ...changes, socket })
  // After the world's own end, which needs the engine.
  await made.finally(() => t.after(close))
  return made
}

/** A socket on which the machine's engine answers, but for the requests of which `fate` says otherwise. */
export async function engineBut(
  fate: (method: string, path: string) => Fate | Promise<Fate>,
): Promise<{ socket: string; close: () => void }> {
  const socket = join(tmpdir(), `tidemark-engine-${randomBytes(4).toString('hex')}.sock`)
  const server = createServer(async (asked, answer) => {
    const { method = '', url: path = '', headers } = asked
    const its = await fate(method, path)
    if (typeof its === 'function') return its(answer)
    if (typeof its === 'object') {
      const body = await buffer(asked)
      answer.destroy()
      await its.unheardAfter
      return void request({ socketPath: SOCKET, method, path, headers }, given => given.resume()).end(body)
    }
    const passed = request({ socketPath: SOCKET, method, path, headers }, given => {
      if (its === 'lose') return void given.resume().on('end', () => answer.destroy())
      answer.writeHead(given.statusCode ?? 500, given.headers)
      answer.flushHeaders()
      given.pipe(answer)
    })
    answer.on('close', () => passed.destroy())
    passed.on('error', () => answer.destroy())
    asked.pipe(passed)
  })
  await new Promise<void>(resolve => server.listen(socket, resolve))
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { socket, close }
}
