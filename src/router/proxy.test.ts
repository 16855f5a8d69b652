import assert from 'node:assert/strict'
import { once } from 'node:events'
import * as http from 'node:http'
import * as net from 'node:net'
import { test } from 'node:test'
import {
  ask,
  askRaw,
  closedPort,
  received,
  startDyno,
  startFixture,
  startRawDyno,
  text,
} from './fixture.test.ts'

test('a request reaches the dyno with what the router knows about it', async t => {
  const router = await startFixture(t)
  const dyno = await startDyno(t, (request, response) => response.end(JSON.stringify(request.headers)))
  await router.route({ targets: [dyno.target] })
  const answer = await ask(router.port, {
    path: '/a?b=c',
    headers: {
      'x-forwarded-for': '1.2.3.4',
      'x-forwarded-proto': 'gopher',
      'x-request-id': 'abcdefghijabcdefghij',
      connection: 'keep-alive, x-mine',
      'x-mine': 'secret',
      'proxy-authorization': 'Basic x',
      te: 'trailers',
    },
  })
  assert.equal(answer.status, 200)
  assert.equal(answer.headers.via, '1.1 tidemark-router')
  const seen = JSON.parse(answer.body)
  assert.equal(seen.host, 'sushi.localhost')
  assert.equal(seen['x-forwarded-for'], '1.2.3.4, 127.0.0.1')
  assert.equal(seen['x-forwarded-proto'], 'http')
  assert.equal(seen['x-forwarded-port'], String(router.port))
  assert.equal(seen['x-request-id'], 'abcdefghijabcdefghij')
  assert.match(seen['x-request-start'], /^\d{13}$/)
  assert.equal(seen.via, '1.1 tidemark-router')
  for (const name of ['x-mine', 'proxy-authorization', 'te']) assert.equal(seen[name], undefined, name)
  const line = await router.line(/path="\/a\?b=c"/)
  assert.match(
    line,
    /^at=info method=GET path="\/a\?b=c" host=sushi\.localhost request_id=abcdefghijabcdefghij fwd="1\.2\.3\.4,127\.0\.0\.1" dyno=web\.1 connect=\d+ms service=\d+ms status=200 bytes=\d+ protocol=http$/,
  )
})

test('a request id that is not one is replaced', async t => {
  const router = await startFixture(t)
  const dyno = await startDyno(t, (request, response) => response.end(request.headers['x-request-id']))
  await router.route({ targets: [dyno.target] })
  const answer = await ask(router.port, { headers: { 'x-request-id': 'short' } })
  assert.match(answer.body, /^[0-9a-f-]{36}$/)
})

test('hosts are matched without case, port and final dot; others get 404', async t => {
  const router = await startFixture(t)
  const dyno = await startDyno(t, (_request, response) => response.end('ok'))
  await router.route({ targets: [dyno.target] })
  for (const host of ['SUSHI.localhost', 'sushi.localhost:8080', 'sushi.localhost.']) {
    assert.equal((await ask(router.port, { headers: { host } })).status, 200, host)
  }
  const answer = await ask(router.port, { headers: { host: 'nori.localhost' } })
  assert.equal(answer.status, 404)
  assert.match(answer.body, /There is nothing here, yet/)
})

test('an app without dynos answers with the page and code of its state', async t => {
  const router = await startFixture(t)
  const dyno = await startDyno(t, (_request, response) => response.end('ok'))
  const cases = [
    [{ state: 'blank' }, 502, 'H81', 'info'],
    [{ state: 'scaled-down' }, 503, 'H14', 'error'],
    [{ state: 'crashed' }, 503, 'H10', 'error'],
    [{ maintenance: true, targets: [dyno.target] }, 503, 'H80', 'info'],
  ] as const
  for (const [part, status, code, at] of cases) {
    await router.route(part)
    const answer = await ask(router.port)
    assert.equal(answer.status, status)
    assert.match(answer.body, new RegExp(`<small>${code}</small>`))
    assert.match(
      await router.line(new RegExp(`code=${code}`)),
      new RegExp(
        `^at=${at} code=${code} desc="[^"]+" method=GET path="/" .* dyno= connect= service= status=${status} bytes=0 protocol=http$`,
      ),
    )
  }
})

test('a request for a booting app waits for its first dyno', async t => {
  const router = await startFixture(t)
  const dyno = await startDyno(t, (_request, response) => response.end('up'))
  await router.route({ state: 'booting' })
  const answer = ask(router.port)
  await router.route({ state: 'booting' })
  await router.route({ targets: [dyno.target] })
  assert.equal((await answer).body, 'up')
})

test('a request for an app that never boots ends with H20', async t => {
  const router = await startFixture(t, { hold: 30 })
  await router.route({ state: 'booting' })
  assert.equal((await ask(router.port)).status, 503)
  await router.line(/code=H20 desc="App boot timeout"/)
})

test('a dyno that refuses is left alone and another one is asked', async t => {
  const router = await startFixture(t)
  const dyno = await startDyno(t, (_request, response) => response.end('ok'), 'web.2')
  const port = await closedPort()
  await router.route({ targets: [{ dynoId: 'gone', dyno: 'web.1', host: '127.0.0.1', port }, dyno.target] })
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(router.port)))
  assert.deepEqual(new Set(answers.map(answer => answer.status)), new Set([200]))
})

test('when every dyno refuses for too long, the answer is H34; after ten tries, H21', async t => {
  const held = await startFixture(t, { hold: 30 })
  const port = await closedPort()
  const gone = { dynoId: 'gone', dyno: 'web.1', host: '127.0.0.1', port }
  await held.route({ targets: [gone] })
  assert.equal((await ask(held.port)).status, 503)
  await held.line(/code=H34/)
  const eager = await startFixture(t, { quarantine: 1 })
  await eager.route({ targets: [gone] })
  assert.equal((await ask(eager.port)).status, 503)
  await eager.line(/code=H21 desc="Backend connection refused"/)
})

test('a request waiting for quarantined dynos goes to the ones of a new table', async t => {
  const router = await startFixture(t)
  const port = await closedPort()
  await router.route({ targets: [{ dynoId: 'gone', dyno: 'web.1', host: '127.0.0.1', port }] })
  const answer = ask(router.port)
  const dyno = await startDyno(t, (_request, response) => response.end('new'))
  await router.route({ targets: [dyno.target] })
  assert.equal((await answer).body, 'new')
})

test('time limits: no first byte is H12, silence in the middle H15, a silent upload H28', async t => {
  const router = await startFixture(t, { firstByte: 40, idle: 40 })
  const dyno = await startDyno(t, (request, response) => {
    if (request.url === '/half') response.write('half')
  })
  await router.route({ targets: [dyno.target] })
  assert.equal((await ask(router.port)).status, 503)
  await router.line(/code=H12 desc="Request timeout" .* dyno=web.1 .* status=503 bytes=0/)
  await assert.rejects(ask(router.port, { path: '/half' }))
  await router.line(/code=H15 .* bytes=4/)
  assert.equal(
    await askRaw(router.port, 'POST /up HTTP/1.1\r\nHost: sushi.localhost\r\nContent-Length: 9\r\n\r\nabc'),
    '',
  )
  await router.line(/at=warning code=H28 .* status=499/)
})

test('what a dyno does wrong has a code', async t => {
  const router = await startFixture(t)
  const answers: Record<string, [string, string]> = {
    '/closed': ['', 'H13'],
    '/garbage': ['SMTP/9 hello\r\n\r\n', 'H17'],
    '/lengths': ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na', 'H17'],
    '/short': ['HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc', 'H18'],
    '/cut': ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nab', 'H18'],
    '/chunk': ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 'H17'],
    '/cookie': [`HTTP/1.1 200 OK\r\nSet-Cookie: a=${'x'.repeat(9000)}\r\nContent-Length: 0\r\n\r\n`, 'H25'],
    '/header': [`HTTP/1.1 200 OK\r\nX-Big: ${'x'.repeat(600_000)}\r\nContent-Length: 0\r\n\r\n`, 'H25'],
  }
  const dyno = await startRawDyno(t, socket => {
    socket.once('data', head => socket.end(answers[head.toString().split(' ')[1] ?? '']?.[0] ?? '', 'latin1'))
  })
  await router.route({ targets: [dyno.target] })
  const headPassedOn = new Set(['/short', '/cut', '/chunk'])
  for (const [path, [, code]] of Object.entries(answers)) {
    const answer = await ask(router.port, { path }).catch(() => undefined)
    assert.equal(answer?.status, headPassedOn.has(path) ? undefined : 503, path)
    assert.match(await router.line(new RegExp(`path="${path}"`)), new RegExp(`at=error code=${code} `), path)
  }
  assert.match(await router.line(/path="\/short"/), /^sock=backend at=error code=H18 /)
})

test('a client that leaves is H27, and its dyno is told', async t => {
  const router = await startFixture(t)
  const { promise: left, resolve } = Promise.withResolvers<void>()
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
  const dyno = await startDyno(t, (_request, response) => {
    response.once('close', () => resolve())
    arrive()
  })
  await router.route({ targets: [dyno.target] })
  const client = net.connect(router.port, '127.0.0.1')
  client.write('GET /slow HTTP/1.1\r\nHost: sushi.localhost\r\n\r\n')
  await arrived
  client.destroy()
  await left
  await router.line(/^sock=client at=warning code=H27 desc="Client Request Interrupted" .* status=499 /)
})

test('a kept connection that its dyno has closed costs no request', async t => {
  const router = await startFixture(t)
  const counts = new Map<string, number>()
  const dyno = await startRawDyno(t, socket => {
    let requests = 0
    socket.on('data', chunk => {
      const method = chunk.toString().split(' ')[0] as string
      counts.set(method, (counts.get(method) ?? 0) + 1)
      requests++
      // The second request on a connection meets a dyno that closes without a word.
      if (requests === 2) socket.destroy()
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    })
  })
  await router.route({ targets: [dyno.target] })
  assert.equal((await ask(router.port)).status, 200)
  assert.equal((await ask(router.port)).status, 200)
  assert.equal(counts.get('GET'), 3)
  const post = await ask(router.port, { method: 'POST', body: 'x' })
  assert.equal(post.status, 503)
  assert.equal(counts.get('POST'), 1)
  await router.line(/code=H13 .* method=POST/)
})

test('a dyno gets at most its share at once, and the backlog has an end', async t => {
  const router = await startFixture(t, { inFlight: 2 })
  const open: http.ServerResponse[] = []
  const { promise: full, resolve } = Promise.withResolvers<void>()
  const dyno = await startDyno(t, (_request, response) => {
    open.push(response)
    if (open.length === 2) resolve()
    if (open.length > 2) response.end('later')
  })
  await router.route({ targets: [dyno.target] })
  const answers = Array.from({ length: 5 }, () => ask(router.port))
  await full
  await router.line(/code=H11 desc="Backlog too deep"/)
  assert.equal(open.length, 2)
  for (const response of open.slice(0)) response.end('first')
  const bodies = (await Promise.all(answers)).map(answer => (answer.status === 503 ? 'H11' : answer.body))
  assert.deepEqual(bodies.sort(), ['H11', 'first', 'first', 'later', 'later'])
})

test('what could be read in two ways is refused', async t => {
  const router = await startFixture(t)
  const seen: string[] = []
  const dyno = await startDyno(t, (request, response) => {
    seen.push(request.url ?? '')
    response.end()
  })
  await router.route({ targets: [dyno.target] })
  const host = 'Host: sushi.localhost\r\n'
  const cases: [string, RegExp][] = [
    [
      `POST / HTTP/1.1\r\n${host}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      /^HTTP\/1.1 400/,
    ],
    [`POST / HTTP/1.1\r\n${host}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc`, /^HTTP\/1.1 400/],
    [`POST / HTTP/1.1\r\n${host}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, /^HTTP\/1.1 501/],
    [`GET / HTTP/1.1\r\n${host}Host: nori.localhost\r\n\r\n`, /^HTTP\/1.1 400/],
    [`GET / HTTP/1.1\r\n${host} folded: x\r\n\r\n`, /^HTTP\/1.1 400/],
    [`GET / HTTP/1.1\r\n${host}Bad Header: x\r\n\r\n`, /^HTTP\/1.1 400/],
    ['GET / HTTP/1.1\r\n\r\n', /^HTTP\/1.1 400/],
    ['GET / HTTP/1.0\r\n\r\n', /^HTTP\/1.1 400/],
    [`CONNECT sushi.localhost:443 HTTP/1.1\r\n${host}\r\n`, /^HTTP\/1.1 405/],
    [`GET ${`/${'x'.repeat(9000)}`} HTTP/1.1\r\n${host}\r\n`, /^HTTP\/1.1 414/],
    [`GET / HTTP/1.1\r\n${host}X-Long: ${'x'.repeat(9000)}\r\n\r\n`, /^HTTP\/1.1 400/],
    [`GET / HTTP/1.1\r\n${host}${'X: y\r\n'.repeat(1001)}\r\n`, /^HTTP\/1.1 400/],
    [`GET / HTTP/1.1\r\n${host}${`X: ${'y'.repeat(8000)}\r\n`.repeat(20)}\r\n`, /^HTTP\/1.1 431/],
    [`OPTIONS * HTTP/1.1\r\n${host}\r\n`, /^HTTP\/1.1 400/],
    [`GET / HTTP/1.1\r\n${host}Expect: magic\r\nConnection: close\r\n\r\n`, /^HTTP\/1.1 417/],
  ]
  for (const [bytes, answer] of cases)
    assert.match(await askRaw(router.port, bytes), answer, bytes.slice(0, 120))
  await router.line(/code=H26 desc="Request Error" cause="unsupported expect header value" .* status=417/)
  assert.deepEqual(seen, [])
})

test('an absolute address names the host itself', async t => {
  const router = await startFixture(t)
  const dyno = await startDyno(t, (request, response) =>
    response.end(`${request.headers.host} ${request.url}`),
  )
  await router.route({ targets: [dyno.target] })
  const answer = await askRaw(
    router.port,
    'GET http://sushi.localhost/x?y HTTP/1.1\r\nHost: other.localhost\r\nConnection: close\r\n\r\n',
  )
  assert.match(answer, /sushi\.localhost \/x\?y$/)
})

test('no request can forge a log line', async t => {
  const router = await startFixture(t)
  const dyno = await startDyno(t, (_request, response) => response.end())
  await router.route({ targets: [dyno.target] })
  await askRaw(
    router.port,
    'GET /"%0a HTTP/1.1\r\nHost: sushi.localhost\r\nX-Forwarded-For: 1" status=200 x="\r\nConnection: close\r\n\r\n',
  )
  assert.match(await router.line(/path="\/%22/), /fwd="1%22%20status=200%20x=%22,127\.0\.0\.1" /)
})

test('bytes flow both ways while the request is still going on', async t => {
  const router = await startFixture(t)
  const dyno = await startDyno(t, (request, response) => {
    request.on('data', chunk => response.write(`echo ${chunk}`))
    request.on('end', () => response.end('done'))
  })
  await router.route({ targets: [dyno.target] })
  const request = http.request({
    port: router.port,
    host: '127.0.0.1',
    method: 'POST',
    agent: false,
    headers: { host: 'sushi.localhost' },
  })
  request.write('one')
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  const [first] = await once(response, 'data')
  assert.equal(String(first), 'echo one')
  request.end('two')
  assert.equal(await text(response), 'echo twodone')
})

test('a slow reader slows the dyno down, and the whole body arrives', async t => {
  const router = await startFixture(t)
  const size = 64 * 1024 * 1024
  let written = 0
  const { promise: stalled, resolve: stall } = Promise.withResolvers<void>()
  const dyno = await startDyno(t, async (_request, response) => {
    const chunk = Buffer.alloc(256 * 1024, 'x')
    for (; written < size; written += chunk.length) {
      if (response.write(chunk)) continue
      stall()
      await once(response, 'drain')
    }
    response.end()
  })
  await router.route({ targets: [dyno.target] })
  const request = http.get({
    port: router.port,
    host: '127.0.0.1',
    agent: false,
    headers: { host: 'sushi.localhost' },
  })
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  await stalled
  assert.ok(written < size)
  let length = 0
  for await (const chunk of response) length += (chunk as Buffer).length
  assert.equal(length, size)
})

test('a client may wait for 100 Continue; an early answer does not break its connection', async t => {
  const router = await startFixture(t)
  const dyno = await startDyno(t, async (request, response) => {
    if (request.url === '/early') response.writeHead(413).end('too much')
    else response.end(await text(request))
  })
  await router.route({ targets: [dyno.target] })
  const polite = http.request({
    port: router.port,
    host: '127.0.0.1',
    method: 'PUT',
    agent: false,
    headers: { host: 'sushi.localhost', expect: '100-continue' },
  })
  polite.flushHeaders()
  await once(polite, 'continue')
  polite.end('body')
  const [response] = (await once(polite, 'response')) as [http.IncomingMessage]
  assert.equal(await text(response), 'body')
  const early = await ask(router.port, { path: '/early', method: 'POST', body: 'x'.repeat(5_000_000) })
  assert.equal(early.status, 413)
  assert.equal(early.body, 'too much')
})

test('an error page reaches a client that is still sending', async t => {
  const router = await startFixture(t)
  await router.route({ state: 'blank' })
  const answer = await ask(router.port, { method: 'POST', body: 'x'.repeat(5_000_000) })
  assert.equal(answer.status, 502)
})

test('answers without a body, early hints, trailers and old clients', async t => {
  const router = await startFixture(t)
  const dyno = await startDyno(t, (request, response) => {
    if (request.url === '/204') response.writeHead(204).end()
    else if (request.url === '/304') response.writeHead(304, { etag: '"x"' }).end()
    else if (request.url === '/103')
      response.writeEarlyHints({ link: '</a.css>; rel=preload' }, () => response.end('after'))
    else if (request.url === '/trailer') {
      response.writeHead(200, { 'transfer-encoding': 'chunked' })
      response.write('x')
      response.addTrailers({ 'x-sum': '1' })
      response.end()
    } else response.writeHead(200, { 'set-cookie': ['a=1', 'b=2'] }).end('hello')
  })
  await router.route({ targets: [dyno.target] })
  assert.equal((await ask(router.port, { path: '/204' })).status, 204)
  assert.equal((await ask(router.port, { path: '/304' })).headers.etag, '"x"')
  const head = await ask(router.port, { method: 'HEAD' })
  assert.deepEqual([head.status, head.body], [200, ''])
  assert.deepEqual(head.headers['set-cookie'], ['a=1', 'b=2'])
  const hints = await askRaw(
    router.port,
    'GET /103 HTTP/1.1\r\nHost: sushi.localhost\r\nConnection: close\r\n\r\n',
  )
  assert.match(
    hints,
    /^HTTP\/1.1 103 Early Hints\r\nLink: <\/a.css>; rel=preload\r\n\r\nHTTP\/1.1 200 OK\r\n/,
  )
  const trailer = await askRaw(
    router.port,
    'GET /trailer HTTP/1.1\r\nHost: sushi.localhost\r\nConnection: close\r\n\r\n',
  )
  assert.match(trailer, /0\r\nx-sum: 1\r\n\r\n$/i)
  const old = await askRaw(router.port, 'GET /trailer HTTP/1.0\r\nHost: sushi.localhost\r\n\r\n')
  assert.match(old, /^HTTP\/1.1 200 OK\r\n(?!.*transfer-encoding).*\r\n\r\nx$/is)
})

test('connections are kept on both sides, and pipelined requests are answered in order', async t => {
  const router = await startFixture(t)
  let connections = 0
  const dyno = await startDyno(t, (request, response) => response.end(`[${request.url}]`))
  dyno.server.on('connection', () => connections++)
  await router.route({ targets: [dyno.target] })
  const client = net.connect(router.port, '127.0.0.1')
  t.after(() => client.destroy())
  for (const path of ['/1', '/2', '/3']) {
    client.write(`GET ${path} HTTP/1.1\r\nHost: sushi.localhost\r\n\r\n`)
    await received(client, new RegExp(`\\[${path}\\]`))
  }
  assert.equal(connections, 1)
  client.write(
    'GET /4 HTTP/1.1\r\nHost: sushi.localhost\r\n\r\nGET /5 HTTP/1.1\r\nHost: sushi.localhost\r\n\r\n',
  )
  assert.match(await received(client, /\[\/5\]/), /\[\/4\].*\[\/5\]/s)
})
