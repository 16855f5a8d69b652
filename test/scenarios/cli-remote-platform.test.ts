import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmod, cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { ROOT, startPlatform, type TestPlatform } from '../support/platform.ts'
import { type CommandResult, run } from '../support/repository.ts'

/** The command line of somebody who is not on the platform's machine: no data directory to look into. */
describe('a platform reached over TLS, by a login', () => {
  let platform: TestPlatform
  let home: string
  before(async () => {
    platform = await startPlatform()
    home = await mkdtemp(join(tmpdir(), 'tidemark-remote-'))
  })
  after(async () => {
    await platform[Symbol.asyncDispose]()
    await rm(home, { recursive: true, force: true })
  })

  function shell(
    command: string,
    environment: Readonly<Record<string, string>> = {},
    cwd = home,
  ): Promise<CommandResult> {
    const tidemark = `'${process.execPath}' '${join(ROOT, 'bin/tidemark.js')}'`
    const clean = {
      HOME: home,
      XDG_CONFIG_HOME: '',
      XDG_DATA_HOME: '',
      GIT_SSL_CAINFO: '',
      NODE_EXTRA_CA_CERTS: '',
      GIT_TERMINAL_PROMPT: '0',
    }
    const script = `unset GIT_SSL_CAINFO GIT_CONFIG_GLOBAL; tidemark() { ${tidemark} "$@"; }\n${command}`
    return run('/bin/sh', ['-c', script], { cwd, environment: { ...clean, ...environment } })
  }

  const logIn = (ca: string) =>
    `tidemark login --url ${platform.endpoints.api_tls} ${ca} --token-stdin < ${platform.endpoints.owner_token_file}`

  test('an authority nobody knows is a sentence; named once, it is kept', async () => {
    const unknown = await shell(logIn(''))
    assert.equal(unknown.status, 1)
    assert.match(unknown.stderr, /signed by nobody this machine trusts.*--ca-file/)

    const known = await shell(logIn(`--ca-file ${platform.endpoints.ca_file}`))
    assert.equal(known.status, 0, known.stderr)
    assert.equal((await shell('tidemark whoami')).stdout, 'owner@localhost\n')
  })

  test('git push works without typing, and the token is not in the repository', async () => {
    const repository = join(home, 'shop')
    await cp(join(ROOT, 'test/fixtures/apps/procfile-only'), repository, { recursive: true })
    const identity = 'git -c user.name=Jim -c user.email=jim@example.com'
    const push = await shell(
      `git init --quiet --initial-branch main && git add --all && ${identity} commit --quiet --message First &&
       tidemark create shop && git push tidemark main:stored && cat .git/config`,
      {},
      repository,
    )
    assert.equal(push.status, 0, push.stderr)
    assert.ok(!push.stdout.includes(platform.token))
    assert.match(
      push.stdout,
      /helper = !.* git:credentials --host https:\/\/localhost:\d+ --platform https:\/\/localhost:\d+\n/,
    )
    assert.equal((await shell('tidemark releases --json', {}, repository)).status, 0)
  })

  test('git gets no token for another host', async () => {
    const { git, api_tls } = platform.endpoints
    const helper = `tidemark git:credentials --host ${new URL(git).origin} --platform ${api_tls}`
    const ask = (protocol: string, host: string) =>
      shell(`printf 'protocol=${protocol}\\nhost=${host}\\n\\n' | ${helper} get`)
    assert.equal(
      (await ask('https', new URL(git).host)).stdout,
      `username=tidemark\npassword=${platform.token}\n`,
    )
    assert.equal((await ask('https', 'github.com')).stdout, '')
    assert.equal((await ask('http', new URL(git).host)).stdout, '')
    assert.equal((await shell(`${helper} store < /dev/null`)).stdout, '')
  })

  test('heroku gets an environment that names this platform alone, and its status is ours', async () => {
    const program = join(home, 'heroku')
    await writeFile(
      program,
      '#!/bin/sh\nenv | grep -i -e ^HEROKU_ -e ^NODE_EXTRA -e TELEMETRY\necho "$@"\nexit 7\n',
    )
    await chmod(program, 0o755)
    const ran = await shell('tidemark heroku -- releases --app "my shop"', { TIDEMARK_HEROKU: program })
    assert.equal(ran.status, 7, ran.stderr)
    assert.match(ran.stdout, new RegExp(`^HEROKU_HOST=${platform.endpoints.api_tls}$`, 'm'))
    assert.match(ran.stdout, new RegExp(`^NODE_EXTRA_CA_CERTS=${platform.endpoints.ca_file}$`, 'm'))
    assert.match(ran.stdout, /^releases --app my shop$/m)
    assert.ok(!ran.stdout.includes('heroku.com'))
    assert.equal((await shell('tidemark heroku ps:exec', { TIDEMARK_HEROKU: program })).status, 2)
    const absent = await shell('tidemark heroku apps', { TIDEMARK_HEROKU: join(home, 'nothing') })
    assert.equal(absent.status, 1)
    assert.match(absent.stderr, /Install it, or name it in TIDEMARK_HEROKU/)
  })

  test('to a host that heroku would not talk to, it is led over this machine', async () => {
    await using remote = await otherName(platform)
    const program = join(home, 'heroku-fetch')
    await writeFile(
      program,
      `#!${process.execPath}\nfetch(process.env.HEROKU_HOST + '/account', { headers: { authorization: 'Bearer ' + process.env.HEROKU_API_KEY } })
  .then(answer => answer.json()).then(account => console.log(process.env.HEROKU_HOST, account.email))\n`,
    )
    await chmod(program, 0o755)
    const ran = await shell('tidemark heroku whoami', {
      TIDEMARK_HEROKU: program,
      TIDEMARK_URL: remote.url,
      TIDEMARK_API_KEY: platform.token,
    })
    assert.match(ran.stdout, /^http:\/\/127\.0\.0\.1:\d+ owner@localhost\n$/, ran.stderr)
  })
})

/** The platform under an address that is neither `localhost` nor `127.0.0.1`. */
async function otherName(platform: TestPlatform): Promise<{ url: string } & AsyncDisposable> {
  const server: Server = createServer(async (request, response) => {
    const answer = await fetch(`${platform.endpoints.api}${request.url}`, {
      headers: { authorization: request.headers.authorization ?? '' },
    })
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text())
  })
  server.listen(0, '127.0.0.2')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.2:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}
