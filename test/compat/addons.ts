import { after } from 'node:test'
import { create, turns } from '../support/addons.ts'
import { TestApp } from '../support/app.ts'
import { startPlatform } from '../support/platform.ts'
import { installHeroku } from './install.ts'
import { Outbound } from './outbound.ts'
import { makePerson, type Person } from './person.ts'
import { replay } from './replay.ts'

/** Tests transcripts of add-ons one after another, on a platform that has a PostgreSQL server running. Answers who typed them. */
export async function replayAddons(topics: readonly string[]): Promise<Person> {
  const heroku = await installHeroku()
  const owned = new AsyncDisposableStack()
  after(() => owned.disposeAsync())
  const outbound = owned.use(await Outbound.listen())
  const platform = owned.use(await startPlatform())
  const jim = owned.use(
    await makePerson('jim@example.com', { platform, heroku, outbound: outbound.environment }),
  )
  // The first database takes as long as starting a server does, and the official CLI says so.
  const first = await TestApp.create(platform, 'first')
  await turns(first, await create(first, 'postgresql:essential-0'), 'provisioned')
  replay('the official CLI works unmodified with add-ons', jim, topics)
  return jim
}
