import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { password, userName } from './credentials.ts'
import type { AddonRecord } from './records.ts'
import { serverConfig } from './server-config.ts'

const KEY = Buffer.alloc(32, 1)
const RECORD: AddonRecord = {
  id: '01234567-89ab-4cde-8f01-23456789abcd',
  kind: 'server',
  number: 9123,
  address: '127.0.0.1',
  limits: { megabytes: 25, connections: 20 },
  generations: [3, 4],
}

describe('the configuration of a server', () => {
  const lines = serverConfig(RECORD, KEY).split('\n')

  it('keeps to loopback, to its port and to the limits of the plan, and one connection for us', () => {
    for (const line of [
      'bind 127.0.0.1',
      'port 9123',
      'maxmemory 25mb',
      'maxmemory-policy noeviction',
      'maxclients 21',
      'appendonly yes',
    ]) {
      assert.ok(lines.includes(line), line)
    }
  })

  it('lets in us and the credentials that hold, and holds no password', () => {
    const users = lines.filter(line => line.startsWith('user ')).map(line => line.split(' ')[1])
    assert.deepEqual(users, ['default', 'tidemark', userName(RECORD.id, 3), userName(RECORD.id, 4)])
    assert.ok(lines.includes('user default off'))
    assert.ok(!lines.join('\n').includes(password(KEY, userName(RECORD.id, 4))))
  })
})
