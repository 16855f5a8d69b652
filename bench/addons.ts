/** A database for an app, from the request until the app answers with its DATABASE_URL, against making one by hand and starting the app bare. */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { bareBoot, DeployedApp, until } from './deployed-app.ts'
import { compare, inTurns, timed } from './side-by-side.ts'

const ROUNDS = 15
/** Milliseconds between two looks, on both sides: each look at ours is answered by the app that is replaced, which costs time of the same two cores. */
const LOOK_EVERY = 5

const source = `const { createServer } = require('node:http')
const { PORT, DATABASE_URL, HEROKU_RELEASE_VERSION } = process.env
const answer = { release: HEROKU_RELEASE_VERSION, node: process.execPath, database: DATABASE_URL ?? null }
const server = createServer((_, response) => response.end(JSON.stringify(answer)))
server.listen(PORT, '127.0.0.1')
process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeIdleConnections()
})
`

await using app = await DeployedApp.start('hello-node', { 'server.js': source })
const { node = process.execPath } = (await app.ask()) ?? {}
// The first one starts the server; from then on it runs.
await withAddon()
const admin = await administrator(join(app.platform.dataDir, 'addons', 'postgresql'))
const sides = await inTurns({ ours: withAddon, bare: byHand }, ROUNDS)
compare('addons:create postgresql to an app that has it', { ...sides, unit: 'ms', goal: { atMost: 1.5 } })

async function withAddon(): Promise<number> {
  const { client, name } = app
  await app.settled()
  const time = await timed(async () => {
    const creating = client.addons.create(name, { plan: 'postgresql' })
    await until(async () => Boolean((await app.ask())?.database), LOOK_EVERY)
    await creating
  })
  await app.settled()
  for (const addon of await client.addons.list(name)) await client.addons.destroy(addon, { force: false })
  await until(async () => (await client.addons.list(name)).length === 0, 20)
  return time
}

/** What a person types: a role, a database of its own, the app told of it. */
async function byHand(): Promise<number> {
  const [name, password] = [`by_hand_${randomBytes(6).toString('hex')}`, randomBytes(24).toString('hex')]
  const url = Object.assign(new URL(admin), { username: name, password, pathname: name }).href
  let time = 0
  await withAdministrator(async client => {
    time = await timed(async () => {
      await client.query(`create role ${name} login password '${password}'`)
      await client.query(`create database ${name} owner ${name}`)
    })
  })
  time += await bareBoot(node, app.repository.directory, { DATABASE_URL: url }, LOOK_EVERY)
  await withAdministrator(async client => {
    await client.query(`drop database ${name}`)
    await client.query(`drop role ${name}`)
  })
  return time
}

async function withAdministrator(use: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: admin })
  await client.connect()
  await use(client)
  await client.end()
}

/** Where the platform's own server, the one that both use, lets its administrator in. */
async function administrator(directory: string): Promise<string> {
  const read = async (file: string) => (await readFile(join(directory, file), 'utf8')).trim()
  return `postgres://postgres:${await read('superuser.password')}@127.0.0.1:${await read('port')}/postgres`
}
