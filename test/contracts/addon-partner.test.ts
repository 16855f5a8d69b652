/** The partner that tests use calls back as the documentation says, whatever answers: here one that only remembers. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { httpProvider } from '../../src/addons/providers/http/provider.ts'
import { parseManifest } from '../../src/core/addon-manifest.ts'
import { startPartner, type TestPartner } from '../support/partner.ts'
import { resourceOf } from './addon-provider.ts'

const TOKENS = {
  access_token: 'HRKU-01234567-89ab-cdef-0123-456789abcdef',
  expires_in: 28799,
  refresh_token: '01234567-89ab-cdef-0123-456789abcdef',
  token_type: 'Bearer',
}

test('an add-on that is provisioned in the background is finished', async t => {
  const { partner, heard, uuid } = await inBackground(t)
  const { status } = await partner.control('finish', { uuid })
  assert.equal(status, 200)
  const [exchange, update, provision] = heard
  assert.equal(exchange?.line, 'POST /oauth/token')
  assert.equal(exchange?.type, 'application/x-www-form-urlencoded;charset=UTF-8')
  assert.deepEqual(Object.fromEntries(new URLSearchParams(exchange?.body)), {
    grant_type: 'authorization_code',
    code: `code-${uuid}`,
    client_secret: 'client-secret',
  })
  assert.equal(update?.line, `PATCH /addons/${uuid}/config`)
  assert.equal(update?.authorization, `Bearer ${TOKENS.access_token}`)
  assert.equal(update?.accept, 'application/vnd.heroku+json; version=3')
  assert.match(update?.body ?? '', /^\{"config":\[\{"name":"PARTNER_STORE_URL","value":"http:\/\/app:/)
  assert.equal(provision?.line, `POST /addons/${uuid}/actions/provision`)
  assert.equal(provision?.authorization, `Bearer ${TOKENS.access_token}`)
})

test('tokens are refreshed, and the other callbacks are called', async t => {
  const { partner, heard, uuid } = await inBackground(t)
  for (const action of ['exchange', 'refresh', 'info', 'config', 'renew', 'deprovisioned']) {
    assert.equal((await partner.control(action, { uuid })).status, 200, action)
  }
  assert.deepEqual(Object.fromEntries(new URLSearchParams(heard[1]?.body)), {
    grant_type: 'refresh_token',
    refresh_token: TOKENS.refresh_token,
    client_secret: 'client-secret',
  })
  assert.deepEqual(
    heard.slice(2).map(each => each.line),
    [
      `GET /addons/${uuid}`,
      `GET /addons/${uuid}/config`,
      `PATCH /addons/${uuid}/config`,
      `POST /addons/${uuid}/actions/deprovision`,
    ],
  )
  await assert.rejects(partner.control('info', { uuid: 'nobody' }), /No resource nobody/)
  await assert.rejects(partner.control('toString'), /There is no action toString/)
})

interface Heard {
  line: string
  type: string | undefined
  accept: string | undefined
  authorization: string | undefined
  body: string
}

async function inBackground(t: TestContext): Promise<{ partner: TestPartner; heard: Heard[]; uuid: string }> {
  const heard: Heard[] = []
  const ear = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method, url, headers } = request
    const { 'content-type': type, accept, authorization } = headers
    heard.push({
      line: `${method} ${url}`,
      type,
      accept,
      authorization,
      body: Buffer.concat(chunks).toString(),
    })
    response.end(JSON.stringify(url === '/oauth/token' ? TOKENS : {}))
  }).listen(0, '127.0.0.1')
  await once(ear, 'listening')
  const platform = `http://127.0.0.1:${(ear.address() as AddressInfo).port}`
  const partner = await startPartner()
  t.after(async () => {
    await partner[Symbol.asyncDispose]()
    ear.closeAllConnections()
    ear.close()
  })
  await partner.control('platform', { token_url: `${platform}/oauth/token`, client_secret: 'client-secret' })
  const provider = httpProvider({
    ...parseManifest(partner.manifest),
    callbackUrl: id => `${platform}/addons/${id}`,
    oauthGrant: ({ id }) => ({
      code: `code-${id}`,
      type: 'authorization_code',
      expires_at: '2030-01-01T00:00:00Z',
    }),
    region: 'amazon-web-services::us-east-1',
  })
  const resource = resourceOf(provider, { plan: 'async' })
  await provider.provision(resource, { options: {}, from: null }, AbortSignal.timeout(60_000))
  return { partner, heard, uuid: resource.id }
}
