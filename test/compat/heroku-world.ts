import { after } from 'node:test'
import { startPlatform, type TestPlatform } from '../support/platform.ts'
import { installHeroku } from './install.ts'
import { Outbound } from './outbound.ts'
import { makePerson, type Person } from './person.ts'

/** A platform of a test file's own, and whatever else the official CLI talks to from there. */
export interface HerokuWorld {
  platform: TestPlatform
  outbound: Outbound
  /** Somebody with an account, a home, and the official CLI. */
  arrives(email: string): Promise<Person>
}

/** Ends with the tests of the file. */
export async function herokuWorld(): Promise<HerokuWorld> {
  const heroku = await installHeroku()
  const owned = new AsyncDisposableStack()
  after(() => owned.disposeAsync())
  const outbound = owned.use(await Outbound.listen())
  const platform = owned.use(await startPlatform())
  return {
    platform,
    outbound,
    arrives: async email =>
      owned.use(await makePerson(email, { platform, heroku, outbound: outbound.environment })),
  }
}
