import assert from 'node:assert/strict'
import { it } from 'node:test'
import { unreachable } from './loopback.ts'

it('names config vars that lead to the loopback address, and no value of them', () => {
  const config = {
    DATABASE_URL: 'postgres://u:hidden@127.0.0.1:9000/x',
    REPLICA_URL: 'postgres://u:hidden@db.example.com/x?host=localhost',
    REDIS_URL: 'rediss://:hidden@172.17.0.1:6379',
    BROKEN_URL: 'postgres://u:hidden@%ff/x',
    GREETING: 'hello: localhost',
    NOTHING: '',
  }
  const said = unreachable(config)
  assert.deepEqual(
    said.map(sentence => sentence.split(',')[0]),
    ['DATABASE_URL names 127.0.0.1', 'REPLICA_URL names localhost'],
  )
  assert.ok(!said.join().includes('hidden'))
})
