import assert from 'node:assert/strict'
import { once } from 'node:events'
import * as net from 'node:net'
import { type TestContext, test } from 'node:test'
import { WebSocket, WebSocketServer } from 'ws'
import { app, ask, askRaw, type Dyno, received, startDyno, startFixture } from './fixture.test.ts'

/** A dyno that echoes WebSocket messages. */
async function startEcho(t: TestContext): Promise<Dyno> {
  const dyno = await startDyno(t, (_request, response) => response.end('plain'))
  const sockets = new WebSocketServer({ server: dyno.server })
  sockets.on('connection', (socket, request) => {
    if (request.headers['x-forwarded-for'] !== '127.0.0.1') socket.close()
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  })
  t.after(() => {
    for (const socket of sockets.clients) socket.terminate()
  })
  return dyno
}

function connect(t: TestContext, port: number): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/chat`, { headers: { host: 'sushi.localhost' } })
  t.after(() => socket.terminate())
  return socket
}

test('a WebSocket carries messages both ways, and is one line in the log', async t => {
  const router = await startFixture(t)
  const dyno = await startEcho(t)
  await router.route({ targets: [dyno.target] })
  const socket = connect(t, router.port)
  await once(socket, 'open')
  for (const message of ['one', 'x'.repeat(1_000_000)]) {
    socket.send(message)
    const [data] = await once(socket, 'message')
    assert.equal(String(data), message)
  }
  socket.close()
  await once(socket, 'close')
  await router.line(
    /^at=info method=GET path="\/chat" .* dyno=web\.1 connect=\d+ms service=\d+ms status=101 bytes=\d{7} /,
  )
})

test('it counts as in flight, and is closed when its dyno is drained', async t => {
  const router = await startFixture(t)
  const dyno = await startEcho(t)
  await router.route({ targets: [dyno.target] })
  const socket = connect(t, router.port)
  await once(socket, 'open')
  const closed = once(socket, 'close')
  router.feed.updateApp(app({ state: 'booting' }))
  await router.feed.drained(dyno.target.dynoId, AbortSignal.timeout(5000))
  await closed
  await router.line(/^at=info .* status=101 /)
})

test('silence ends it with H15', async t => {
  const router = await startFixture(t, { idle: 50 })
  const dyno = await startEcho(t)
  await router.route({ targets: [dyno.target] })
  const socket = connect(t, router.port)
  await once(socket, 'open')
  await once(socket, 'close')
  await router.line(/at=error code=H15 .* path="\/chat"/)
})

test('a dyno may decline, and then the connection is used no more', async t => {
  const router = await startFixture(t)
  const dyno = await startDyno(t, (_request, response) => response.end('plain'))
  let requests = 0
  dyno.server.on('upgrade', (_request, socket) => {
    requests++
    socket.resume().end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno')
  })
  await router.route({ targets: [dyno.target] })
  const upgrade = 'Host: sushi.localhost\r\nConnection: Upgrade\r\nUpgrade: other\r\n'
  const answer = await askRaw(
    router.port,
    `GET /a HTTP/1.1\r\n${upgrade}\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n`,
  )
  assert.match(answer, /^HTTP\/1.1 403 Forbidden\r\n.*no$/s)
  await router.line(/path="\/a" .* status=403/)
  assert.equal(requests, 1)
})

test('error pages answer upgrades too', async t => {
  const router = await startFixture(t)
  await router.route({ state: 'crashed' })
  const upgrade =
    'GET / HTTP/1.1\r\nHost: sushi.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
  assert.match(await askRaw(router.port, upgrade), /^HTTP\/1.1 503 .*H10/s)
})

test('any protocol may be changed to, early bytes included; h2c and bodies are served as plain requests', async t => {
  const router = await startFixture(t)
  const dyno = await startDyno(t, (request, response) => response.end(`plain ${request.headers.upgrade}`))
  dyno.server.on('upgrade', (request, socket, head) => {
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${request.headers.upgrade}\r\n\r\nhello `,
    )
    if (head.length > 0) socket.write(head)
    socket.pipe(socket)
  })
  await router.route({ targets: [dyno.target] })
  const socket = net.connect(router.port, '127.0.0.1')
  t.after(() => socket.destroy())
  socket.write(
    'GET / HTTP/1.1\r\nHost: sushi.localhost\r\nConnection: Upgrade\r\nUpgrade: echo/1\r\n\r\nearly',
  )
  assert.match(await received(socket, /early/), /^HTTP\/1.1 101 .*Upgrade: echo\/1\r\n.*hello early$/s)
  const headers = { connection: 'upgrade', upgrade: 'h2c' }
  assert.equal((await ask(router.port, { headers })).body, 'plain undefined')
  const post = await ask(router.port, {
    method: 'POST',
    body: 'x',
    headers: { connection: 'upgrade', upgrade: 'echo/1', 'content-length': '1' },
  })
  assert.equal(post.body, 'plain undefined')
})
