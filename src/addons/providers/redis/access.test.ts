import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { databaseRules, listedUsers } from './access.ts'

describe('the list of users', () => {
  it('says who they are, which databases they have, and who lets in everybody', () => {
    assert.deepEqual(
      listedUsers([
        'user default on nopass sanitize-payload ~* &* +@all',
        'user app on sanitize-payload #30c9 ~* resetchannels &x:* +@all -select +select|3',
        'user off off nopass ~* -@all',
      ]),
      [
        { name: 'default', databases: [], isOpen: true },
        { name: 'app', databases: [3], isOpen: false },
        { name: 'off', databases: [], isOpen: false },
      ],
    )
  })
})

describe('the rules of a database', () => {
  it('let in one database, after all are shut', () => {
    assert.deepEqual(databaseRules('id', 7).slice(-2), ['-select', '+select|7'])
  })
  it('name channels of the add-on and of its database alone', () => {
    const channels = databaseRules('id', 7).filter(rule => rule.startsWith('&'))
    assert.deepEqual(channels, ['&id:*', '&__keyspace@7__:*', '&__keyevent@7__:*'])
  })
})
