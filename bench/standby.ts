/**
 * A rollback onto the release on standby, from the request to the first answer of the code gone back to, against
 * starting that code bare.
 */
import { bareBoot, DeployedApp, serverSource, until } from './deployed-app.ts'
import { compare, inTurns, timed } from './side-by-side.ts'

await measure('rollback onto standby, an app that listens at once', { bootTime: 0, rounds: 20, atMost: 0.7 })
await measure('rollback onto standby, an app that listens after 2 s', {
  bootTime: 2000,
  rounds: 5,
  atMost: 0.03,
})

async function measure(
  what: string,
  { bootTime, rounds, atMost }: { bootTime: number; rounds: number; atMost: number },
): Promise<void> {
  await using app = await DeployedApp.start('hello-node', { 'server.js': serverSource(bootTime) })
  const { node = process.execPath } = (await app.ask()) ?? {}
  await app.client.apps.update(app.name, { settings: { standby: 3600 } })
  await app.client.config.patch(app.name, { ROUND: 'other' })
  const sides = await inTurns(
    { ours: () => rollback(app), bare: () => bareBoot(node, app.repository.directory) },
    rounds,
  )
  compare(what, { ...sides, unit: 'ms', goal: { atMost } })
}

/** Goes back and forth: what a rollback replaces is on standby after it. */
async function rollback(app: DeployedApp): Promise<number> {
  const target = await standby(app)
  return timed(async () => {
    const rolling = app.client.releases.rollback(app.name, target.id)
    await until(async () => (await app.ask())?.release === `v${target.version}`, 1)
    await rolling
  })
}

/** The release on standby, once nothing else is going on. */
async function standby(app: DeployedApp): Promise<{ id: string; version: number }> {
  let found: { id: string; version: number } | undefined
  await until(async () => {
    const [newest, ...before] = await app.client.releases.list(app.name, { max: 4 })
    const dynos = await app.client.dynos.list(app.name)
    found = before.find(release => release.standby)
    return newest?.status === 'succeeded' && dynos.length === 2 && found !== undefined
  }, 20)
  if (!found) throw new Error('No release is on standby.')
  return found
}
