import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { herokuEnvironment, isTrusted } from './environment.ts'
import { startForwarder } from './forwarder.ts'
import { refusal } from './refusal.ts'

test('the official CLI sends its token to this very machine only', () => {
  assert.ok(isTrusted('http://localhost:5000') && isTrusted('https://127.0.0.1:5443'))
  for (const url of ['https://paas.example.com', 'http://paas.localhost', 'http://[::1]:5000'])
    assert.ok(!isTrusted(url))
})

test('no variable leaves a host of Heroku in place, nor headers that a user set for Heroku', () => {
  const platform = {
    url: 'https://paas.example.com',
    api: 'http://127.0.0.1:4000',
    git: 'https://paas.example.com:5443',
    token: 't',
    caFile: '/ca.pem',
  }
  const env = herokuEnvironment(
    { PATH: '/bin', HEROKU_HEADERS: '{}', HEROKU_HOST: 'https://api.heroku.com', NO_PROXY: 'x' },
    platform,
  )
  assert.equal(env.HEROKU_HOST, 'http://127.0.0.1:4000')
  assert.equal(env.HEROKU_GIT_HOST, 'paas.example.com:5443')
  assert.equal(env.HEROKU_DATA_HOST, '127.0.0.1')
  assert.equal(env.DISABLE_TELEMETRY, 'true')
  assert.equal(env.NODE_EXTRA_CA_CERTS, '/ca.pem')
  assert.equal(env.NO_PROXY, 'x,localhost,127.0.0.1')
  assert.equal(env.HEROKU_HEADERS, undefined)
  assert.equal(env.PATH, '/bin')
  assert.ok(!JSON.stringify(env).includes('heroku.com'))
})

test('commands whose hosts cannot be replaced are refused with a sentence', () => {
  for (const typed of [
    'pipelines:diff -a shop',
    'ps:exec',
    'ps exec',
    'notifications --app shop',
    'ci:run',
    'container:push',
    'PS:EXEC',
    'login',
  ]) {
    assert.match(refusal(typed.split(' ')) ?? '', /\.$|tidemark login$/, typed)
  }
  for (const typed of [
    'releases',
    'ps',
    'ps:scale web=2',
    'pipelines:promote',
    'config:set CI=1',
    'certs',
    '--version',
    '',
  ]) {
    assert.equal(refusal(typed.split(' ')), undefined, typed)
  }
})

test('the forwarder hands a request on as it is, and brings the answer back', async () => {
  const platform = createServer(async (request, response) => {
    const { authorization, host, range } = request.headers
    response.writeHead(206, { 'next-range': 'id 3..' })
    response.end(
      JSON.stringify({
        method: request.method,
        url: request.url,
        authorization,
        host,
        range,
        body: await text(request),
      }),
    )
  })
  platform.listen(0, '127.0.0.1')
  await once(platform, 'listening')
  const host = `localhost:${(platform.address() as AddressInfo).port}`
  try {
    await using forwarder = await startForwarder({ url: `http://${host}`, ca: undefined })
    const headers = { authorization: 'Bearer t', range: 'id 1..' }
    const answer = await fetch(`${forwarder.url}/apps/shop?x=1`, { method: 'PATCH', headers, body: 'body' })
    assert.equal(answer.status, 206)
    assert.equal(answer.headers.get('next-range'), 'id 3..')
    assert.deepEqual(await answer.json(), {
      method: 'PATCH',
      url: '/apps/shop?x=1',
      ...headers,
      host,
      body: 'body',
    })
    platform.close()
    platform.closeAllConnections()
    const gone = await fetch(`${forwarder.url}/account`)
    assert.equal(gone.status, 502)
    assert.match(((await gone.json()) as { message: string }).message, /cannot be reached/)
  } finally {
    platform.close()
  }
})
