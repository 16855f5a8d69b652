import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { AddonReference } from './addon.ts'
import {
  type Attachment,
  addonPlanNames,
  attach,
  attached,
  attachmentNameFault,
  attachmentsAfterRollback,
  attachmentVars,
  detach,
  freeAttachmentName,
  type Supplied,
  supply,
  withoutStrays,
} from './attachment.ts'

const NOTHING: Supplied = { config: {}, attachments: [] }
const database: AddonReference = { id: 'a1', name: 'postgresql-round-1', service: 'postgresql', plan: 'mini' }

function link(name: string, addon = database, configVars: readonly string[] = []): Attachment {
  return { id: `link ${name}`, name, addon, configVars, isStray: false }
}

const given = (url: string) => ({ addon: database, prefix: 'DATABASE', config: { DATABASE_URL: url } })

describe('the names of an attachment', () => {
  for (const [name, config, expected] of [
    ['DATABASE', { DATABASE_URL: 'x' }, { DATABASE_URL: 'x' }],
    ['LEDGER', { DATABASE_URL: 'x' }, { LEDGER_URL: 'x' }],
    ['LEDGER', { DATABASE: 'x' }, { LEDGER: 'x' }],
    ['LEDGER', { OTHER_KEY: 'x' }, { LEDGER_OTHER_KEY: 'x' }],
    ['LEDGER', { DATABASES: 'x' }, { LEDGER_DATABASES: 'x' }],
  ] as const) {
    it(`${JSON.stringify(config)} under ${name} is ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(attachmentVars(name, { prefix: 'DATABASE', config }), expected)
    })
  }

  it('the first is the service’s own, further ones have a colour, and there are always more', () => {
    const service = { prefix: 'DATABASE', furtherPrefix: 'POSTGRESQL' }
    const taken = new Set<string>()
    for (let count = 0; count < 100; count++) {
      const name = freeAttachmentName(service, taken, below => below - 1)
      assert.ok(!taken.has(name))
      assert.equal(attachmentNameFault(name), undefined)
      assert.match(name, count === 0 ? /^DATABASE$/ : /^POSTGRESQL_[A-Z]+(_\d)?$/)
      taken.add(name)
    }
  })

  for (const name of ['database', '1A', 'A-B', '', 'HEROKU_A', 'TIDEMARK_X', '__A', 'A'.repeat(64)])
    it(`${JSON.stringify(name)} is refused`, () => assert.ok(attachmentNameFault(name)))
})

describe('what an app is supplied with', () => {
  it('an attachment without config vars changes no config: it stays the very same', () => {
    assert.equal(attach(NOTHING, link('DATABASE'), {}).config, NOTHING.config)
  })

  it('one of the same name is replaced with its vars', () => {
    const before = attach(NOTHING, link('DATABASE', database, ['DATABASE_URL', 'DATABASE_KEY']), {
      DATABASE_URL: 'a',
      DATABASE_KEY: 'k',
    })
    const other = { ...link('DATABASE', { ...database, id: 'a2' }, ['DATABASE_URL']), id: 'another' }
    const after = attach(before, other, { DATABASE_URL: 'b' })
    assert.deepEqual(after, { config: { DATABASE_URL: 'b' }, attachments: [other] })
  })

  it('a supply reaches every attachment of its add-on, and no other', () => {
    const redis = link('REDIS', { ...database, id: 'r', service: 'redis' }, ['REDIS_URL'])
    let base = attach(NOTHING, redis, { REDIS_URL: 'r' })
    base = attach(base, link('DATABASE'), {})
    base = attach(base, link('LEDGER'), {})
    const after = supply(base, [given('new')])
    assert.deepEqual(after.config, { DATABASE_URL: 'new', LEDGER_URL: 'new', REDIS_URL: 'r' })
    const gone = detach(after, ['link DATABASE', 'link LEDGER'])
    assert.deepEqual(gone.config, { REDIS_URL: 'r' })
    assert.deepEqual(addonPlanNames(after.attachments), ['postgresql:mini', 'redis:mini'])
  })

  it('after a rollback: attachments of today, and what came back without one as a stray', () => {
    const owned = link('DATABASE', database, ['DATABASE_URL'])
    const lost = link('CACHE', { ...database, id: 'gone' }, ['CACHE_URL'])
    const target = { config: { DATABASE_URL: 'old', CACHE_URL: 'c' }, attachments: [owned, lost] }
    const after = attachmentsAfterRollback([owned], target)
    assert.deepEqual(after, [owned, { ...lost, isStray: true }])
    assert.deepEqual(attached({ attachments: after }), [owned])
    const clean = withoutStrays({ config: target.config, attachments: after })
    assert.deepEqual(clean, { config: { DATABASE_URL: 'old' }, attachments: [owned] })
    assert.deepEqual(attachmentsAfterRollback(after, target), after, 'again is the same')
  })
})

it('attaching and detaching in any order leaves each attachment its vars and nothing of the others', () => {
  const name = fc.constantFrom('DATABASE', 'LEDGER', 'CACHE')
  const step = fc.record({ name, isAttach: fc.boolean(), url: fc.string() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), steps => {
      let supplied: Supplied = { config: { OWN: '1' }, attachments: [] }
      const expected = new Map<string, string>()
      for (const { name, isAttach, url } of steps) {
        const vars = { [`${name}_URL`]: url }
        const id = supplied.attachments.find(attachment => attachment.name === name)?.id
        if (isAttach) supplied = attach(supplied, link(name, database, Object.keys(vars)), vars)
        else supplied = detach(supplied, id ? [id] : [])
        if (isAttach) expected.set(`${name}_URL`, url)
        else expected.delete(`${name}_URL`)
        assert.deepEqual(supplied.config, Object.fromEntries([...expected, ['OWN', '1']].sort()))
        assert.equal(supplied.attachments.length, expected.size)
      }
    }),
  )
})
