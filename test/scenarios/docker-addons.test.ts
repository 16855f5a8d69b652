import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import type Docker from 'dockerode'
import { configOf, create, turns } from '../support/addons.ts'
import { call, TestApp } from '../support/app.ts'
import {
  installStack,
  labelOf,
  ON_DOCKER,
  removePlatform,
  STACK_IMAGE,
  testEngine,
} from '../support/docker.ts'
import { eventually } from '../support/eventually.ts'
import { ROOT, startPlatform, type TestPlatform } from '../support/platform.ts'
import { SharedRedis, withoutRedis } from '../support/redis.ts'
import { run, TestRepository } from '../support/repository.ts'

const found = await testEngine()
const owned = new AsyncDisposableStack()
after(() => owned.disposeAsync())

/** Logs in to the Redis of its REDIS_URL and prints what a PING is answered with. */
const PING = `
const url = new URL(process.env.REDIS_URL)
const socket = require('node:net').connect(url.port, url.hostname)
socket.setTimeout(10000, () => process.exit(1))
socket.on('error', error => { console.log(error.message); process.exit(1) })
socket.on('data', data => { console.log(String(data).trim()); if (/PONG/.test(data)) process.exit() })
socket.write(\`AUTH \${url.username} \${url.password}\\r\\nPING\\r\\n\`)
`

async function start(environment: Readonly<Record<string, string>>): Promise<TestPlatform> {
  return owned.use(await startPlatform({ environment: { ...ON_DOCKER, ...environment } }))
}

async function refused(app: TestApp, service: string): Promise<string> {
  const environment = { TIDEMARK_DATA_DIR: app.platform.dataDir }
  const args = ['addons:create', service, '--app', app.name]
  const { status, stderr } = await run(process.execPath, [join(ROOT, 'bin', 'tidemark.js'), ...args], {
    environment,
  })
  assert.notEqual(status, 0, `${service} was made`)
  assert.deepEqual(await app.history(), ['v1 succeeded'])
  return stderr
}

suite('add-ons of apps in containers', { skip: found.skip ?? false }, () => {
  test('a server of the platform itself is out of reach, and so is one on the loopback address', async () => {
    await installStack()
    const platform = await start({ TIDEMARK_REDIS_ADMIN_URL: 'redis://:hidden@localhost:6379' })
    const app = await TestApp.create(platform, 'unlucky')
    const services = (await call(platform, { path: '/addon-services' })).body as { name: string }[]
    assert.deepEqual(services.map(({ name }) => name).sort(), ['postgresql', 'redis'])
    const postgres = await refused(app, 'postgresql')
    assert.match(postgres, /dynos are Docker containers, and the platform's own PostgreSQL listens/)
    assert.match(postgres, /TIDEMARK_POSTGRES_ADMIN_URL/)
    const redis = await refused(app, 'redis')
    assert.match(redis, /TIDEMARK_REDIS_ADMIN_URL names localhost/)
    assert.doesNotMatch(redis, /hidden/)
  })

  test('one that was named by an address that containers reach is used by them', {
    skip: withoutRedis,
  }, async () => {
    const engine = await installStack()
    let label = ''
    // After the platform has ended, which leaves what it ran.
    owned.defer(() => removePlatform(engine, label))
    const shared = owned.use(await SharedRedis.start([], { host: await gatewayOf(engine) }))
    const platform = await start({ TIDEMARK_REDIS_ADMIN_URL: shared.url })
    label = await labelOf(platform)
    const app = await TestApp.create(platform, 'lucky')
    await turns(app, await create(app, 'redis'), 'provisioned')
    assert.equal(new URL((await configOf(app)).REDIS_URL ?? '').host, new URL(shared.url).host)

    await using repository = await TestRepository.of('hello-node')
    await repository.write('ping.cjs', PING)
    await repository.commit('Ping')
    assert.equal((await repository.push(platform, app.name)).status, 0)
    assert.equal((await app.call('POST', '/dynos', { command: 'node ping.cjs' })).status, 201)
    await eventually('its answer', async () => {
      const said = (await app.log()).filter(line => line.startsWith('app[run.'))
      return said.some(line => line.includes('PONG')) || undefined
    })
  })
})

/** Where containers find this machine: as the engine writes it into a file of theirs. */
async function gatewayOf(engine: Docker): Promise<string> {
  const container = await engine.createContainer({
    Image: STACK_IMAGE,
    Cmd: ['grep', 'host.docker.internal', '/etc/hosts'],
    HostConfig: { ExtraHosts: ['host.docker.internal:host-gateway'] },
  })
  try {
    await container.start()
    await container.wait()
    const text = String(await container.logs({ stdout: true }))
    return /\d+\.\d+\.\d+\.\d+/.exec(text)?.[0] ?? assert.fail(text)
  } finally {
    await container.remove({ force: true })
  }
}
