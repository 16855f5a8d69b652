/**
 * What runs as containers: a rollback, from the request to the first answer of the code gone back to, against Docker
 * alone; and requests that fail while releases roll out and are swept. ROUNDS of the first, 10 unless told; ROLLOUTS of
 * the second, 100 unless told. In an engine and a network of its own, which only root can have.
 */
import type Docker from 'dockerode'
import { holderOf } from '../src/runtime/drivers/docker/container-network.ts'
import { DYNO_LABEL } from '../src/runtime/drivers/docker/labels.ts'
import { PAUSE_LABEL } from '../src/runtime/drivers/docker/pause-container.ts'
import { installStack, ON_DOCKER, OwnEngine } from '../test/support/docker.ts'
import { bringUpLoopback, isInOwnNetwork, runInOwnNetwork } from '../test/support/own-network.ts'
import { type Code, dockerRun, PAUSE, SwarmService } from './bare-docker.ts'
import { DeployedApp, serverSource, until } from './deployed-app.ts'
import { Load } from './load.ts'
import { compare, inTurns, state, timed } from './side-by-side.ts'

const ROUNDS = Number(process.env.ROUNDS ?? 10)
const ROLLOUTS = Number(process.env.ROLLOUTS ?? 100)
const CONNECTIONS = 32
/** So many releases are between two pushes: sweeps find something to take away. */
const PUSH_EVERY = 10

if (isInOwnNetwork) await measure()
else process.exitCode = await runInOwnNetwork(import.meta.filename)

async function measure(): Promise<void> {
  await bringUpLoopback()
  const own = await OwnEngine.start()
  try {
    const engine = await installStack(own.socket)
    await using app = await DeployedApp.start(
      'hello-node',
      { 'server.js': serverSource(0, '0.0.0.0') },
      {
        ...ON_DOCKER,
        TIDEMARK_DOCKER_SOCKET: own.socket,
        TIDEMARK_RETENTION_RELEASES: '20',
      },
    )
    await measureRollbacks(app, engine)
    await measureRollouts(app)
  } finally {
    await own.close()
  }
}

async function measureRollbacks(app: DeployedApp, engine: Docker): Promise<void> {
  const code = await codeOf(app, engine)
  const target = (await app.client.releases.newest(app.name)).id
  await using service = await SwarmService.start(engine, code)
  await engine.createNetwork({ Name: 'bench', Driver: 'bridge', CheckDuplicate: true })
  const { ours, again, run, apart, swarm } = await inTurns(
    {
      ours: () => rollBack(app, engine, target),
      // So soon after another that no network waits for it.
      again: async () => {
        await app.client.releases.rollback(app.name, target)
        await app.settled()
        return rollBack(app, engine, target)
      },
      run: () => dockerRun(engine, code),
      // Every app has a network of its own; in such a one the engine runs a name server for each container.
      apart: () => dockerRun(engine, code, 'bench'),
      swarm: () => service.rollBack(),
    },
    ROUNDS,
  )
  const what = 'rollback of a container, against'
  compare(`${what} docker run`, { ours, bare: run, unit: 'ms', goal: { atMost: 1.3 } })
  compare(`${what} docker run --network`, { ours, bare: apart, unit: 'ms', goal: { atMost: 1.3 } })
  compare('the second of two rollbacks in a row, against docker run', { ours: again, bare: run, unit: 'ms' })
  compare(`${what} the same of a Swarm service`, { ours, bare: swarm, unit: 'ms', goal: { atMost: 1 } })
}

/** What the app's dyno runs, for Docker to run as it is. */
async function codeOf(app: DeployedApp, engine: Docker): Promise<Code> {
  const [dyno] = await engine.listContainers()
  const { node } = (await app.ask()) ?? {}
  if (dyno === undefined || node === undefined) throw new Error('The app does not run.')
  return { image: dyno.Image, command: [node, 'server.js'] }
}

/** Leaves the engine at rest: what comes next is not to wait for the end of what was replaced. */
async function rollBack(app: DeployedApp, engine: Docker, target: string): Promise<number> {
  const before = await app.ask()
  const took = await timed(async () => {
    const rolling = app.client.releases.rollback(app.name, target)
    await until(async () => (await app.ask())?.release !== before?.release, PAUSE)
    await rolling
  })
  await app.settled()
  const labelled = (label: string) => engine.listContainers({ all: true, filters: { label: [label] } })
  // One dyno, and one network that waits for the next.
  const isAtRest = async () => {
    const dynos = await labelled(DYNO_LABEL)
    const held = dynos.filter(({ HostConfig }) => holderOf(HostConfig) !== undefined)
    return dynos.length === 1 && (await labelled(PAUSE_LABEL)).length === held.length + 1
  }
  await until(isAtRest, PAUSE)
  return took
}

async function measureRollouts(app: DeployedApp): Promise<void> {
  const { client, name } = app
  const load = new Load(app, CONNECTIONS)
  let expired = 0
  const took = await timed(async () => {
    for (let count = 1; count <= ROLLOUTS; count++) {
      if (count % PUSH_EVERY === 0) {
        await app.repository.write('count', String(count))
        await app.deploy()
      } else await client.config.patch(name, { COUNT: String(count) })
      await until(async () => (await client.releases.newest(name)).status !== 'pending', 50)
      expired += (await client.retention.sweep(name, { isDryRun: false })).releases.filter(
        ({ due }) => due,
      ).length
    }
  }).finally(() => load[Symbol.asyncDispose]())
  const what = `requests failed of ${load.count} during ${ROLLOUTS} rollouts and sweeps of containers`
  state(what, { value: load.failed, unit: 'requests', goal: { atMost: 0 } })
  const seconds = (took / 1000).toFixed(0)
  console.log(`  in ${seconds} s; answers came from ${load.releases.size} releases; ${expired} expired`)
  for (const [reason, count] of load.faults) console.log(`  ${count} times: ${reason}`)
}
