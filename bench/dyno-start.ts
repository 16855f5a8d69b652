/** What running as a dyno adds to starting a program: start() → listening, against spawn → listening, in turns. */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openProcessDriver, type ProcessDriver } from '../src/runtime/drivers/process/driver.ts'
import { acceptingAddress } from '../src/runtime/drivers/readiness.ts'

const ROUNDS = 20
const SERVER =
  "require('node:http').createServer((_, response) => response.end('hello')).listen(process.env.PORT)"

const home = await mkdtemp(join(tmpdir(), 'tidemark-bench-'))
const layer = join(home, 'layer')
await mkdir(join(layer, 'app'), { recursive: true })
await writeFile(join(layer, 'app/server.js'), SERVER)
const driver = await openProcessDriver({
  directory: join(home, 'host'),
  layers: async () => [layer],
  identity: () => (process.getuid?.() === 0 ? { uid: 700_001, gid: 700_001 } : null),
  visible: [],
  path: [dirname(process.execPath)],
})
try {
  const [bare, dyno]: [number[], number[]] = [[], []]
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await timeBare())
    dyno.push(await timeDyno(driver))
  }
  console.log(
    `bare spawn ${describe(bare)}\ndyno       ${describe(dyno)}\nadded      ${(median(dyno) - median(bare)).toFixed(1)} ms`,
  )
} finally {
  await driver.close(1000)
  await rm(home, { recursive: true, force: true })
}

async function timeBare(): Promise<number> {
  const port = await freePort()
  const begin = performance.now()
  const child = spawn(process.execPath, ['server.js'], {
    cwd: join(layer, 'app'),
    env: { PORT: String(port) },
  })
  await acceptingAddress(port, AbortSignal.timeout(10_000))
  const taken = performance.now() - begin
  child.kill('SIGKILL')
  return taken
}

async function timeDyno(on: ProcessDriver): Promise<number> {
  const id = randomUUID()
  const begin = performance.now()
  await new Promise<void>((resolve, reject) => {
    const unwatch = on.watch(dyno => {
      if (dyno.id !== id || !(dyno.isListening || dyno.state === 'exited')) return
      unwatch()
      if (dyno.isListening) resolve()
      else reject(new Error(dyno.fault ?? `It exited with status ${dyno.exitStatus}.`))
    })
    on.start({
      ...{
        id,
        appId: 'bench',
        appName: 'bench',
        releaseId: 'bench',
        kind: 'formation',
        name: 'web.1',
        type: 'web',
        number: 1,
      },
      ...{
        command: 'node server.js',
        image: 'bench',
        fingerprint: '',
        environment: {},
        listens: true,
        size: 'Basic',
      },
    }).catch(reject)
  })
  const taken = performance.now() - begin
  await on.stop(id, 0)
  return taken
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.on('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

function median(samples: readonly number[]): number {
  return [...samples].sort((a, b) => a - b)[Math.floor(samples.length / 2)] ?? 0
}

function describe(samples: readonly number[]): string {
  return `median ${median(samples).toFixed(1)} ms, best ${Math.min(...samples).toFixed(1)} ms`
}
