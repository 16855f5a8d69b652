import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { ApiError } from './api-error.ts'
import { Connection } from './connection.ts'
import { ConnectionError } from './connection-error.ts'

/** A server that answers as told and remembers what it was asked. */
async function peer(
  answer: RequestListener,
): Promise<AsyncDisposable & { url: string; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = []
  const server = createServer((request, response) => {
    asked.push(request)
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

const JSON_TYPE = { 'content-type': 'application/json' }

test('a call carries the token, the API version and a Request-Id of its own', async () => {
  await using server = await peer((_, response) =>
    response.writeHead(200, JSON_TYPE).end('{"email":"jim@example.com"}'),
  )
  const connection = new Connection({ url: server.url, token: 'secret' })
  assert.deepEqual(await connection.call({ path: '/account' }), { email: 'jim@example.com' })
  await connection.call({ path: '/account' })
  const [first, second] = server.asked.map(request => request.headers)
  assert.equal(first?.authorization, 'Bearer secret')
  assert.match(first?.accept ?? '', /version=3/)
  assert.notEqual(first?.['request-id'], second?.['request-id'])
})

test('a call whose connection breaks is sent again with the same Request-Id and body', async () => {
  const bodies: string[] = []
  await using server = await peer(async (request, response) => {
    bodies.push(await text(request))
    if (bodies.length < 3) return request.socket.destroy()
    response.writeHead(201, JSON_TYPE).end('{"version":53}')
  })
  const connection = new Connection({ url: server.url })
  const release = await connection.call({
    method: 'POST',
    path: '/apps/shop/releases',
    body: { release: 'r1' },
  })
  assert.deepEqual(release, { version: 53 })
  assert.deepEqual(bodies, Array(3).fill('{"release":"r1"}'))
  assert.equal(new Set(server.asked.map(request => request.headers['request-id'])).size, 1)
})

test('a refusal is the sentence of the platform, and is not sent again', async () => {
  const refusal = { id: 'not_found', resource: 'app', message: "Couldn't find that app." }
  await using server = await peer((_, response) =>
    response.writeHead(404, JSON_TYPE).end(JSON.stringify(refusal)),
  )
  await assert.rejects(new Connection({ url: server.url }).call({ path: '/apps/nope' }), (error: unknown) => {
    assert.ok(error instanceof ApiError)
    assert.deepEqual(
      [error.status, error.id, error.resource, error.message],
      [404, 'not_found', 'app', refusal.message],
    )
    return true
  })
  assert.equal(server.asked.length, 1)
})

test('an answer that is not the platform’s is a sentence as well', async () => {
  await using server = await peer((_, response) =>
    response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>'),
  )
  await assert.rejects(
    new Connection({ url: server.url }).call({ path: '/apps' }),
    /answered with HTTP status 502/,
  )
})

test('a redirect is not followed, so that the token stays here', async () => {
  await using other = await peer((_, response) => response.end())
  await using server = await peer((_, response) => response.writeHead(307, { location: other.url }).end())
  await assert.rejects(
    new Connection({ url: server.url, token: 'secret' }).call({ path: '/account' }),
    ApiError,
  )
  assert.equal(other.asked.length, 0)
})

test('where nothing listens, the sentence says how to start the platform', async () => {
  const server = await peer((_, response) => response.end())
  await server[Symbol.asyncDispose]()
  await assert.rejects(new Connection({ url: server.url }).call({ path: '/account' }), (error: unknown) => {
    assert.ok(error instanceof ConnectionError)
    assert.equal(error.code, 'ECONNREFUSED')
    assert.match(error.message, /tidemark server/)
    return true
  })
})

test('a list goes on with Next-Range until it ends or is long enough', async () => {
  await using server = await peer((request, response) => {
    const start = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0)
    const more = start < 4 ? { 'next-range': `n ${start + 2}..` } : {}
    response.writeHead(206, { ...JSON_TYPE, ...more }).end(JSON.stringify([start, start + 1]))
  })
  const connection = new Connection({ url: server.url })
  assert.deepEqual(await connection.list('/things'), [0, 1, 2, 3, 4, 5])
  assert.deepEqual(await connection.list('/things', 'n 2..', 3), [2, 3, 4])
})

test('a list whose next page is the same page ends', async () => {
  await using server = await peer((_, response) =>
    response.writeHead(206, { ...JSON_TYPE, 'next-range': 'n 1..' }).end('[1]'),
  )
  assert.deepEqual(await new Connection({ url: server.url }).list('/things'), [1, 1])
})

test('a warning reaches whoever listens, unless the caller keeps it back', async () => {
  await using server = await peer((_, response) =>
    response.writeHead(200, { ...JSON_TYPE, 'x-heroku-warning': 'still rolling out' }).end('{}'),
  )
  const warnings: string[] = []
  const connection = new Connection({ url: server.url, onWarning: warning => warnings.push(warning) })
  await connection.call({ path: '/apps/shop/config-vars' })
  await connection.call({ path: '/apps/shop/config-vars', isUnwarned: true })
  assert.deepEqual(warnings, ['still rolling out'])
})

test('capability URLs are used without the token', async () => {
  await using server = await peer(async (request, response) =>
    response.end(`${request.method} ${await text(request)}`),
  )
  const connection = new Connection({ url: server.url, token: 'secret' })
  assert.equal(
    await text(await connection.stream(`${server.url}/output?key=1`, { accept: 'text/plain' })),
    'GET ',
  )
  await connection.upload(`${server.url}/sources/1?key=1`, Readable.from([Buffer.from('tarball')]), 7)
  const [read, sent] = server.asked.map(request => request.headers)
  assert.equal(read?.authorization, undefined)
  assert.equal(sent?.authorization, undefined)
  assert.equal(sent?.['content-length'], '7')
})

test('what is deleted with a body says how long that is: a DELETE is not chunked by itself', async () => {
  const bodies: string[] = []
  await using server = await peer(async (request, response) => {
    bodies.push(await text(request))
    response.writeHead(200, JSON_TYPE).end('{}')
  })
  const connection = new Connection({ url: server.url })
  await connection.call({ method: 'DELETE', path: '/apps/shop/addons/a', body: { force: true } })
  assert.deepEqual(bodies, ['{"force":true}'])
})
