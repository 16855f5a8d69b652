import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { call } from '../support/app.ts'
import { show } from '../transcripts/terminal.ts'
import type { Person } from './person.ts'
import { RunningCommand } from './running-command.ts'

const PASSWORD = 'four words of nonsense'

/** Tests what asks questions or does not end by itself, as somebody who logs in with a password. */
export function workInTerminal(person: Person): void {
  const { platform, email } = person
  const { cwd, env } = person.home
  const editor = join(cwd, 'editor.sh')
  const home = { cwd, env: { ...withoutKey(env), EDITOR: editor } }
  const inTerminal = (command: string) => new RunningCommand('script', ['-qec', command, '/dev/null'], home)

  async function logIn(password: string): Promise<RunningCommand> {
    const login = inTerminal('heroku login -i')
    await login.says(/Email/)
    login.types(`${email}\r`)
    await login.says(/Password/)
    login.types(`${password}\r`)
    return login
  }

  describe('in a terminal', { concurrency: false }, () => {
    test('login -i asks for e-mail address and password', async () => {
      const body = { password: PASSWORD }
      await call(platform, { method: 'PUT', path: `/accounts/${email}/password`, body })
      await using login = await logIn(PASSWORD)
      await login.says(/Logged in as .*joe@example\.com/)
      assert.equal(await login.end(), 0)
    })

    test('a wrong password is refused', async () => {
      await using login = await logIn('another')
      await login.says(/Error: Invalid credentials provided\./)
      await login.says(/Error ID: unauthorized/)
      assert.equal(await login.end(), 2)
    })

    test('what follows a login needs no HEROKU_API_KEY', async () => {
      assert.deepEqual(await show('heroku whoami', home), ['joe@example.com'])
      assert.equal((await show('heroku apps:create temaki', home))[0], 'Creating temaki... done')
    })

    test('config:edit sends what was edited, and logs --tail goes on with what came of it', async () => {
      await using logs = new RunningCommand('heroku', ['logs', '--tail', '--app', 'temaki'], home)
      await logs.says(/app\[api\]: Release v1 created by user joe@example\.com\n/)
      await writeFile(editor, `#!/bin/sh\necho "GREETING='hello there'" > "$1"\n`, { mode: 0o755 })
      await using edit = inTerminal('heroku config:edit --app temaki')
      await edit.says(/\+ GREETING='hello there'/)
      await edit.says(/y\/N/)
      edit.types('y\r')
      await edit.says(/Updating config\.\.\. done/)
      assert.equal(await edit.end(), 0)
      await logs.says(/app\[api\]: Config add GREETING by user joe@example\.com\n/)
      await logs.says(/app\[api\]: Release v2 created by user joe@example\.com\n/)
    })

    test('logout revokes the token', async () => {
      const token = (await show('heroku auth:token', home)).find(line => line.startsWith('tmk_'))
      assert.ok(token)
      assert.equal((await call(platform, { path: '/account', token })).status, 200)
      assert.deepEqual(await show('heroku logout', home), ['Logging out... done'])
      assert.deepEqual(await show('heroku whoami', home), [' ›   Error: not logged in', '[exit 100]'])
      assert.equal((await call(platform, { path: '/account', token })).status, 401)
    })
  })
}

function withoutKey({ HEROKU_API_KEY: _, ...env }: Record<string, string>): Record<string, string> {
  return env
}
