/** Requests that fail while 200 healthy releases roll out, one after another, under the load of 32 connections. */
import { DeployedApp, serverSource, until } from './deployed-app.ts'
import { Load } from './load.ts'
import { state, timed } from './side-by-side.ts'

const RELEASES = 200
const CONNECTIONS = 32

await using app = await DeployedApp.start('hello-node', { 'server.js': serverSource(0) })
const { client, name } = app
const load = new Load(app, CONNECTIONS)
const took = await timed(async () => {
  for (let release = 0; release < RELEASES; release++) {
    await client.config.patch(name, { COUNT: String(release) })
    await until(async () => (await client.releases.newest(name)).status !== 'pending', 25)
  }
}).finally(() => load[Symbol.asyncDispose]())

state(`requests failed of ${load.count}`, { value: load.failed, unit: 'requests', goal: { atMost: 0 } })
console.log(
  `  ${RELEASES} releases in ${(took / 1000).toFixed(0)} s; answers came from ${load.releases.size} of them`,
)
for (const [reason, count] of load.faults) console.log(`  ${count} times: ${reason}`)
