import { call } from '../support/app.ts'
import type { TestPlatform } from '../support/platform.ts'
import { type Home, type HomeOptions, makeHome } from './home.ts'

/** An account of a platform, and the home where its owner works with the official CLI. */
export interface Person extends AsyncDisposable {
  platform: TestPlatform
  email: string
  token: string
  home: Home
}

export async function makePerson(email: string, options: Omit<HomeOptions, 'token'>): Promise<Person> {
  const { platform } = options
  const made = await call(platform, { method: 'POST', path: '/accounts', body: { email } })
  const token: string = made.body.token
  const home = await makeHome({ ...options, token })
  return { platform, email, token, home, [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() }
}
