import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import fastify from 'fastify'
import { UserError } from '../core/errors.ts'
import { answerError } from './errors.ts'
import type { Api } from './instance.ts'
import { asFarAsWanted, streamBodies } from './streamed-bodies.ts'

const CHUNK = Buffer.alloc(64 * 1024)
const CHUNKS = 500

/** An API that has seen enough of a body after a piece of it, and somebody who has begun to send it a long one. */
async function begin(t: TestContext, patience: number, ...headers: string[]): Promise<Socket> {
  const api: Api = fastify()
  api.setErrorHandler(answerError(({ error }) => assert.fail(String(error))))
  api.register(async scope => {
    streamBodies(scope, patience)
    scope.put('/enough', async ({ body }) => {
      for await (const _ of asFarAsWanted(body as Readable)) throw new UserError('bad_request', 'Enough.')
    })
  })
  await api.listen({ port: 0, host: '127.0.0.1' })
  t.after(() => api.close())
  const { port } = api.server.address() as AddressInfo
  const socket = connect({ port, host: '127.0.0.1', signal: AbortSignal.timeout(60_000) })
  t.after(() => socket.destroy())
  const lines = ['host: x', 'content-type: application/gzip', ...headers]
  socket.write(`PUT /enough HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
  return socket
}

for (const connection of ['close', 'keep-alive']) {
  test(`whoever sends everything and only then looks gets the answer (connection: ${connection})`, async t => {
    const length = `content-length: ${CHUNKS * CHUNK.length}`
    const socket = await begin(t, 60_000, length, `connection: ${connection}`)
    for (let sent = 0; sent < CHUNKS; sent++) if (!socket.write(CHUNK)) await once(socket, 'drain')
    // Kept alive, the connection serves another request.
    if (connection === 'keep-alive')
      socket.write('GET /more HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
    const answers = await text(socket)
    assert.match(answers, /^HTTP\/1\.1 400 .*"Enough\."/s)
    assert.equal(/ 404 /.test(answers), connection === 'keep-alive')
  })
}

test('whoever never stops sending gets the answer, and is cut off', async t => {
  const socket = await begin(t, 100, `content-length: ${Number.MAX_SAFE_INTEGER}`)
  const closed = new Promise(resolve => socket.on('error', () => {}).once('close', resolve))
  const endless = new Readable({ read: () => void setImmediate(() => endless.push(CHUNK)) })
  endless.pipe(socket)
  const [answer] = await once(socket, 'data')
  assert.match(String(answer), /^HTTP\/1\.1 400 .*"Enough\."/s)
  await closed
})
