/** Requests that fail while 200 healthy releases roll out, one after another, under the load of 32 connections. */
import { Pool } from 'undici'
import { DeployedApp, serverSource, until } from './deployed-app.ts'
import { state } from './side-by-side.ts'

const RELEASES = 200
const CONNECTIONS = 32

await using app = await DeployedApp.start('hello-node', { 'server.js': serverSource(0) })
const { client, name, platform } = app
const pool = new Pool(platform.endpoints.router.replace(/\/\/[^:]+/, '//127.0.0.1'), {
  connections: CONNECTIONS,
  pipelining: 1,
})
const answers = { good: 0, bad: new Map<string, number>(), releases: new Set<string>() }
let isOver = false
const load = Promise.all(Array.from({ length: CONNECTIONS }, keepAsking))
const begin = performance.now()
for (let release = 0; release < RELEASES; release++) {
  await client.config.patch(name, { COUNT: String(release) })
  await until(async () => (await client.releases.newest(name)).status !== 'pending', 25)
}
const seconds = (performance.now() - begin) / 1000
isOver = true
await load
await pool.close()

const bad = [...answers.bad.values()].reduce((sum, count) => sum + count, 0)
state(`requests failed of ${answers.good + bad}`, { value: bad, unit: 'requests', goal: { atMost: 0 } })
console.log(
  `  ${RELEASES} releases in ${seconds.toFixed(0)} s; answers came from ${answers.releases.size} of them`,
)
for (const [reason, count] of answers.bad) console.log(`  ${count} times: ${reason}`)

async function keepAsking(): Promise<void> {
  while (!isOver) {
    const fault = await ask().catch((error: Error) => error.message)
    if (fault === undefined) answers.good++
    else answers.bad.set(fault, (answers.bad.get(fault) ?? 0) + 1)
  }
}

/** Returns what was wrong with the answer. */
async function ask(): Promise<string | undefined> {
  const { statusCode, body } = await pool.request({
    path: '/',
    method: 'GET',
    headers: { host: `${name}.localhost` },
  })
  const text = await body.text()
  if (statusCode !== 200) return `status ${statusCode}`
  answers.releases.add((JSON.parse(text) as { release: string }).release)
  return undefined
}
