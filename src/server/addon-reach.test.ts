import assert from 'node:assert/strict'
import { it } from 'node:test'
import { outOfReach } from './addon-reach.ts'

const POSTGRES = { name: 'PostgreSQL', variable: 'TIDEMARK_POSTGRES_ADMIN_URL' }

function refusal(adminUrl: string | null): string | null {
  return outOfReach({ runtime: 'docker' }, { ...POSTGRES, adminUrl })
}

it('what containers reach is not refused, and nothing is where dynos are processes', () => {
  for (const url of [
    'postgres://u:p@db.example.com/postgres',
    'postgres://u:p@172.17.0.1:5432/postgres',
    'postgres://u:p@localhost/postgres?host=10.0.0.7',
    'postgres://u:p@[fd00::7]/postgres',
    'rediss://u:p@host.docker.internal:6379',
    'redis://:p@localhost.example.com',
  ])
    assert.equal(refusal(url), null, url)
  assert.equal(outOfReach({ runtime: 'process' }, { ...POSTGRES, adminUrl: null }), null)
  assert.equal(outOfReach({ runtime: 'process' }, { ...POSTGRES, adminUrl: 'postgres://localhost/x' }), null)
})

it('a server on the loopback address is refused, by whatever name, and no secret is said', () => {
  for (const [url, host] of [
    ['postgres://u:hidden@localhost:5432/postgres', 'localhost'],
    ['postgres://u:hidden@db.LOCALHOST./postgres', 'db.LOCALHOST.'],
    ['postgres://u:hidden@127.0.1.1/postgres', '127.0.1.1'],
    ['redis://:hidden@[::1]:6379', '::1'],
    ['redis://:hidden@[::ffff:127.0.0.1]:6379', '::ffff:'],
    ['redis://:hidden@0.0.0.0:6379', '0.0.0.0'],
    ['postgres://u:hidden@db.example.com/x?host=/var/run/postgresql', '/var/run/postgresql'],
    ['postgres://u:hidden@%2Fvar%2Frun/x', '/var/run'],
  ] as const) {
    const said = refusal(url) ?? ''
    assert.ok(said.includes(`TIDEMARK_POSTGRES_ADMIN_URL names ${host}`), `${url}: ${said}`)
    assert.ok(!said.includes('hidden'))
  }
  assert.match(refusal(null) ?? '', /the platform's own PostgreSQL listens on this machine alone/)
})
