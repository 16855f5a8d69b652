import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { credentialsFile, readCredentials, writeCredentials } from './credentials.ts'
import { findPlatform, platformAt } from './platform.ts'

describe('which platform is meant', () => {
  let home: string
  let env: NodeJS.ProcessEnv
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'tidemark-home-'))
    env = { HOME: home }
  })
  afterEach(() => rm(home, { recursive: true }))

  async function serverHere(): Promise<void> {
    const directory = join(home, '.local/share/tidemark')
    await mkdir(directory, { recursive: true })
    const [ca_file, owner_token_file] = [join(directory, 'ca.pem'), join(directory, 'owner-token')]
    await writeFile(ca_file, 'PEM')
    await writeFile(owner_token_file, 'owner-token\n')
    const addresses = {
      api: 'http://localhost:5000',
      api_tls: 'https://localhost:5443',
      git: 'https://localhost:5443',
      router: '',
    }
    await writeFile(
      join(directory, 'endpoints.json'),
      JSON.stringify({ ...addresses, ca_file, owner_token_file }),
    )
  }
  const login = (url: string) =>
    writeCredentials(env, { url, logins: { [url]: { email: 'a@b', token: 'login-token' } } })

  test('none is known', async () => {
    await assert.rejects(findPlatform(env), /No platform is known/)
  })

  test('the server on this machine, with the token of its owner', async () => {
    await serverHere()
    const { url, token, git } = await findPlatform(env)
    assert.deepEqual([url, token, git], ['http://localhost:5000', 'owner-token', 'https://localhost:5443'])
  })

  test('a login comes before it, and TIDEMARK_URL before both', async () => {
    await serverHere()
    await login('https://paas.example.com')
    assert.equal((await findPlatform(env)).token, 'login-token')
    const named = await findPlatform({ ...env, TIDEMARK_URL: 'https://localhost:5443/' })
    assert.deepEqual([named.url, named.token, named.ca], ['https://localhost:5443', 'owner-token', 'PEM'])
  })

  test('no stored token goes to another platform than the one that gave it', async () => {
    await serverHere()
    await login('https://paas.example.com')
    assert.equal(
      (await findPlatform({ ...env, TIDEMARK_URL: 'http://elsewhere.example.com' })).token,
      undefined,
    )
    assert.equal((await findPlatform({ ...env, TIDEMARK_URL: 'http://paas.example.com' })).token, undefined)
  })

  test('TIDEMARK_API_KEY is for the platform that is meant, and for no other that git asks about', async () => {
    await serverHere()
    const keyed = { ...env, TIDEMARK_URL: 'http://paas.example.com', TIDEMARK_API_KEY: 'key' }
    assert.equal((await findPlatform(keyed)).token, 'key')
    assert.equal((await platformAt(keyed, 'http://paas.example.com')).token, 'key')
    assert.equal((await platformAt(keyed, 'http://elsewhere.example.com')).token, undefined)
    assert.equal((await platformAt(keyed, 'http://localhost:5000')).token, 'owner-token')
  })

  test('what is no URL is refused with an example', async () => {
    for (const text of ['localhost:5000', 'ftp://x', 'paas']) {
      await assert.rejects(findPlatform({ ...env, TIDEMARK_URL: text }), /http:\/\/localhost:5000/)
    }
  })

  test('stored logins are nobody else’s to read', async () => {
    env = { ...env, XDG_CONFIG_HOME: join(home, 'xdg') }
    await login('http://localhost:5000')
    assert.equal(credentialsFile(env), join(home, 'xdg/tidemark/credentials.json'))
    assert.equal((await stat(credentialsFile(env))).mode & 0o777, 0o600)
    assert.equal((await readCredentials(env)).logins['http://localhost:5000']?.token, 'login-token')
    await writeFile(credentialsFile(env), '{')
    await assert.rejects(readCredentials(env), /Remove the file and log in again/)
  })
})
