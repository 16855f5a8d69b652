import assert from 'node:assert/strict'
import { it } from 'node:test'
import { format, inspect } from 'node:util'
import { Secret } from './secret.ts'

it('a secret prints as [sealed] however it is shown', () => {
  const secret = new Secret('hunter2')
  const shown = [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ secret }, { showHidden: true, depth: 9 }),
    format('%s %o %j', secret, secret, secret),
    Object.entries(secret).join(),
  ]
  for (const text of shown) assert.ok(!text.includes('hunter2'), text)
  assert.equal(shown[2], '{"secret":"[sealed]"}')
  assert.equal(secret.reveal(), 'hunter2')
})
