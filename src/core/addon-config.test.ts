import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { missingVars, refusalOfVars } from './addon-config.ts'
import type { AddonService } from './addon-service.ts'
import { MAX_CONFIG_BYTES } from './config-vars.ts'

const service: AddonService = {
  name: 'fast-db',
  aliases: [],
  humanName: 'Fast DB',
  prefix: 'FAST_DB',
  furtherPrefix: 'FAST_DB',
  configVars: ['FAST_DB_URL', 'FAST_DB_KEY'],
  plans: [],
  supportsSharing: false,
  planAliases: {},
}
/** What fits beside a name of eleven characters. */
const ROOM = MAX_CONFIG_BYTES - 'FAST_DB_URL'.length

describe('config vars of an add-on', () => {
  for (const vars of [
    {},
    { FAST_DB_URL: '' },
    { FAST_DB_URL: 'a', FAST_DB_KEY: 'b' },
    { FAST_DB_URL: 'x'.repeat(ROOM) },
  ]) {
    it(`may be ${JSON.stringify(vars).slice(0, 60)}`, () =>
      assert.equal(refusalOfVars(service, vars), undefined))
  }

  for (const [vars, sentence] of [
    [{ OTHER: 's3cret' }, /^gave the config var OTHER, which .* Declared are: FAST_DB_URL, FAST_DB_KEY\.$/],
    [JSON.parse('{"__proto__":"s3cret"}'), /the config var __proto__, which/],
    [{ constructor: 's3cret' }, /the config var constructor, which/],
    [{ 'A B\u001b': 's3cret' }, /the config var "A B\\u001b", which/],
    [{ FAST_DB_URL: 1 }, /no string as the value of FAST_DB_URL/],
    [{ FAST_DB_URL: null }, /no string as the value of FAST_DB_URL/],
    [{ FAST_DB_URL: ['s3cret'] }, /no string as the value of FAST_DB_URL/],
    [{ FAST_DB_URL: 's3cret\0' }, /a NUL character in the value of FAST_DB_URL/],
    [{ FAST_DB_URL: 'x'.repeat(ROOM + 1) }, /config vars of 65537 bytes together \(FAST_DB_URL\)/],
  ] as const) {
    it(`may not be ${JSON.stringify(vars).slice(0, 60)}`, () => {
      const refusal = refusalOfVars(service, vars)
      assert.match(refusal ?? '', sentence)
      assert.doesNotMatch(refusal ?? '', /s3cret/)
    })
  }

  it('are missing when they are declared and not there', () => {
    assert.deepEqual(missingVars(service, {}), ['FAST_DB_URL', 'FAST_DB_KEY'])
    assert.deepEqual(missingVars(service, { FAST_DB_KEY: '' }), ['FAST_DB_URL'])
    assert.deepEqual(missingVars(service, { FAST_DB_URL: 'a', FAST_DB_KEY: 'b' }), [])
  })
})
