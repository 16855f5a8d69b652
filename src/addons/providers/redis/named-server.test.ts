import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseAdminUrl } from './named-server.ts'

describe('an admin URL', () => {
  it('says where, over what, and as whom', () => {
    assert.deepEqual(parseAdminUrl('rediss://admin:p%40ss@redis.example.com:6380/0'), {
      address: 'redis.example.com:6380',
      protocol: 'rediss',
      door: {
        socket: { host: 'redis.example.com', port: 6380, tls: true },
        username: 'admin',
        password: 'p@ss',
      },
    })
  })
  it('has a port of its own accord, and may name nobody', () => {
    assert.deepEqual(parseAdminUrl('redis://[::1]'), {
      address: '[::1]:6379',
      protocol: 'redis',
      door: { socket: { host: '::1', port: 6379 } },
    })
  })
  for (const text of ['', 'secret', 'http://:secret@example.com', 'redis://:secret@']) {
    it(`is not ${JSON.stringify(text)}, which is not shown`, () => {
      assert.throws(
        () => parseAdminUrl(text),
        error =>
          error instanceof Error && /redis:\/\/user/.test(error.message) && !/secret/.test(error.message),
      )
    })
  }
})
