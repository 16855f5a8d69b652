import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { Connection } from '../connection.ts'
import { Logs } from './logs.ts'

/** A platform whose log stream breaks after every line. */
async function brittlePlatform(lines: readonly string[]) {
  const seen: { bodies: unknown[]; from: (string | undefined)[] } = { bodies: [], from: [] }
  const server = createServer(async (request, response) => {
    if (request.method === 'POST') {
      seen.bodies.push(JSON.parse(await text(request)))
      response
        .writeHead(201, { 'content-type': 'application/json' })
        .end(JSON.stringify({ id: '1', logplex_url: '/stream?key=1' }))
      return
    }
    const last = request.headers['last-event-id']
    seen.from.push(typeof last === 'string' ? last : undefined)
    const next = last === undefined ? 0 : Number(last) + 1
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(`id: ${next}\ndata: ${lines[next]}\n\n`, () => request.socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    seen,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

test('a tail that is cut off goes on after the last line it got', async () => {
  await using platform = await brittlePlatform(['one', 'two', 'three'])
  const stop = new AbortController()
  const got: string[] = []
  for await (const line of new Logs(new Connection({ url: platform.url })).read(
    'shop',
    { lines: 1, tail: true },
    stop.signal,
  )) {
    got.push(line)
    if (got.length === 3) stop.abort()
  }
  assert.deepEqual(got, ['one', 'two', 'three'])
  assert.deepEqual(platform.seen.from, [undefined, '0', '1'])
  assert.deepEqual(platform.seen.bodies, [{ lines: 1, tail: true }])
})
