/** A rollback, from the request to the first answer of the code gone back to, against starting that code bare. */
import { bareBoot, DeployedApp, serverSource, until } from './deployed-app.ts'
import { compare, inTurns, timed } from './side-by-side.ts'

await measure('rollback, an app that listens at once', { bootTime: 0, rounds: 25, atMost: 2 })
await measure('rollback, an app that listens after 2 s', { bootTime: 2000, rounds: 5, atMost: 1.05 })

async function measure(
  what: string,
  { bootTime, rounds, atMost }: { bootTime: number; rounds: number; atMost: number },
): Promise<void> {
  await using app = await DeployedApp.start('hello-node', { 'server.js': serverSource(bootTime) })
  const { node = process.execPath } = (await app.ask()) ?? {}
  const target = await app.client.releases.newest(app.name)
  const sides = await inTurns(
    { ours: () => rollback(app, target.id), bare: () => bareBoot(node, app.repository.directory) },
    rounds,
  )
  compare(what, { ...sides, unit: 'ms', goal: { atMost } })
}

async function rollback(app: DeployedApp, target: string): Promise<number> {
  await app.settled()
  const before = await app.ask()
  return timed(async () => {
    const rolling = app.client.releases.rollback(app.name, target)
    await until(async () => (await app.ask())?.release !== before?.release, 1)
    await rolling
  })
}
