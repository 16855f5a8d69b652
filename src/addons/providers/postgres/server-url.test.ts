import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import { ServerUrl } from './server-url.ts'

const TEXT = 'postgres://admin:s%40cret@db.example:5433/main?sslmode=require&application_name=x'

describe('the URL of a server', () => {
  it('is shown without its password, however it is shown', () => {
    const url = new ServerUrl(TEXT)
    for (const shown of [String(url), JSON.stringify({ url }), inspect({ url }), url.withoutPassword('d')])
      assert.doesNotMatch(shown, /cret/)
    assert.equal(url.password, 's@cret')
  })

  it('leads to any of its databases', () => {
    const url = new ServerUrl(TEXT)
    assert.equal(url.withPassword('other'), TEXT.replace('/main', '/other'))
    assert.equal(url.withPassword(), TEXT)
  })

  it('tells an application what it has to know, and nothing of the administrator', () => {
    const application = new ServerUrl(TEXT).forApplication('d', { role: 'r', password: 'p' })
    assert.equal(application, 'postgres://r:p@db.example:5433/d?sslmode=require')
  })

  it('takes the password also from where libpq takes it', () => {
    const url = new ServerUrl('postgresql://admin@db.example?password=secret')
    assert.equal(url.password, 'secret')
    assert.equal(url.withoutPassword(), 'postgresql://admin@db.example/postgres')
  })

  it('is refused in a sentence that does not repeat it', () => {
    for (const odd of ['secret', 'mysql://a:secret@b/c', 'postgres:secret', 'postgres:///secret']) {
      assert.throws(
        () => new ServerUrl(odd),
        error => /must be postgres:/.test(String(error)) && !/secret/.test(String(error)),
      )
    }
  })
})
