import { create, turns } from '../support/addons.ts'
import { TestApp } from '../support/app.ts'
import { herokuWorld } from './heroku-world.ts'
import type { Person } from './person.ts'
import { replay } from './replay.ts'

/** Tests transcripts of add-ons one after another, on a platform that has a PostgreSQL server running. Answers who typed them. */
export async function replayAddons(topics: readonly string[]): Promise<Person> {
  const { platform, arrives } = await herokuWorld()
  const jim = await arrives('jim@example.com')
  // The first database takes as long as starting a server does, and the official CLI says so.
  const first = await TestApp.create(platform, 'first')
  await turns(first, await create(first, 'postgresql:essential-0'), 'provisioned')
  replay('the official CLI works unmodified with add-ons', jim, topics)
  return jim
}
