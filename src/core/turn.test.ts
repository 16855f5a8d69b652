import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Attachment } from './attachment.ts'
import type { Release } from './release.ts'
import { carriedBy, nextTurn } from './turn.ts'

type Waiting = Pick<Release, 'id' | 'version' | 'kind' | 'turnAt' | 'attachments'>

function waiting(version: number, kind: Release['kind'], changes: Partial<Waiting> = {}): Waiting {
  return { id: `r${version}`, version, kind, turnAt: null, attachments: [], ...changes }
}

const addon = { id: 'a1', name: 'redis-round-1', service: 'redis', plan: 'mini' }
const bare: Attachment = { id: 'l1', name: 'REDIS', addon, configVars: [], isStray: false }
const full = { ...bare, configVars: ['REDIS_URL'] }
const attach = waiting(5, 'attach', { attachments: [bare] })
const complete = waiting(6, 'provision', { attachments: [full] })

describe('the next turn', () => {
  it('is the oldest one’s', () =>
    assert.equal(nextTurn([waiting(2, 'config'), waiting(3, 'deploy')])?.version, 2))
  it('is nobody’s while one rolls out', () =>
    assert.equal(nextTurn([waiting(2, 'config', { turnAt: 1 }), waiting(3, 'config')]), undefined))
  it('is nobody’s when nothing waits', () => assert.equal(nextTurn([]), undefined))
  it('passes over an attachment that the next one completes', () =>
    assert.equal(nextTurn([attach, complete])?.version, 6))
  it('is the attachment’s when nothing completes it', () => {
    assert.equal(nextTurn([attach])?.version, 5)
    assert.equal(nextTurn([attach, waiting(6, 'config')])?.version, 5)
    assert.equal(nextTurn([attach, waiting(7, 'provision', { attachments: [full] })])?.version, 5)
    assert.equal(
      nextTurn([attach, waiting(6, 'provision', { attachments: [{ ...full, id: 'l2' }] })])?.version,
      5,
    )
  })
  it('never passes over an attachment that brings config vars', () => {
    assert.equal(nextTurn([{ ...attach, attachments: [full] }, complete])?.version, 5)
  })
})

it('a release carries those before it that had no turn', () => {
  const rolling = { ...complete, turnAt: 1 }
  assert.deepEqual(carriedBy(rolling, [attach, rolling, waiting(7, 'config')]), [attach])
})
