import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parsePartnerAddress } from './partner-address.ts'

describe('the address of a provider', () => {
  for (const good of [
    'https://example.com',
    'https://example.com:8443/heroku/resources?a=1',
    'https://10.0.0.1',
    'http://localhost:5000',
    'http://LOCALHOST:5000',
    'http://db.localhost:5000/r',
    'http://127.0.0.1:5000',
    'http://127.1',
    'http://0x7f000001',
    'http://[::1]:5000',
  ]) {
    it(`may be ${good}`, () => {
      const read = parsePartnerAddress(good)
      assert.ok(read.ok)
      assert.equal(read.url.href, new URL(good).href)
    })
  }

  for (const [bad, reason] of [
    ['', /must be an https address/],
    ['example.com', /must be an https address/],
    ['ftp://example.com', /must be an https address/],
    ['javascript:alert(1)', /must be an https address/],
    ['https://', /must be an https address/],
    ['http://example.com', /must begin with https:.* on the way to example\.com could read/],
    ['http://10.0.0.1', /must begin with https:/],
    ['http://0.0.0.0', /must begin with https:/],
    ['http://127.0.0.1.example.com', /must begin with https:/],
    ['http://localhost.example.com', /must begin with https:/],
    ['http://[::2]', /must begin with https:/],
    ['https://jim:s3cret@example.com', /must have no user name and password/],
    ['https://s3cret@example.com', /must have no user name and password/],
    ['https://example.com/#a', /must have no # part/],
  ] as const) {
    it(`may not be ${JSON.stringify(bad)}`, () => {
      const read = parsePartnerAddress(bad)
      assert.ok(!read.ok)
      assert.match(read.reason, reason)
      assert.doesNotMatch(read.reason, /s3cret/)
    })
  }
})
