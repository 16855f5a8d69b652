import assert from 'node:assert/strict'
import { setTimeout as after } from 'node:timers/promises'
import { TestApp, Traffic } from '../app.ts'
import { startPlatform, type TestPlatform } from '../platform.ts'
import { TestRepository } from '../repository.ts'
import { Developer } from './developer.ts'
import { assertKept } from './history.ts'
import { settled } from './leftovers.ts'
import { processRuntime } from './process-runtime.ts'
import type { ChaosRuntime } from './runtime.ts'
import { Seeded } from './seeded.ts'
import { assertUndisturbed } from './undisturbed.ts'

/** A server lives up to the first of these after it answers; one in three up to the second, so that a push may end. */
const LIVES = [1000, 4000] as const
/** A start takes about this long; some are cut off in the middle. */
const START = 1200
const SEEDS = 2 ** 32
/** One start in so many is cut off. */
const CUT_OFF = 4

export interface KillAnywhereOptions {
  kills: number
  random: Seeded
  environment?: Readonly<Record<string, string>>
  /** Processes, unless told otherwise. */
  runtime?: ChaosRuntime
}

/**
 * Kills the control plane again and again while developers change an app and visitors use it, and holds the platform to
 * its word: no request failed, no dyno was disturbed, no line of a log lost or doubled, every acknowledged change there
 * exactly once, nothing left over. Throws what was broken, with the seed.
 */
export async function killAnywhere(options: KillAnywhereOptions): Promise<void> {
  const { kills, random, environment, runtime = processRuntime } = options
  await using parts = new AsyncDisposableStack()
  const platform = await startPlatform({
    environment: {
      ...{ TIDEMARK_START_GRACE: '0.2', TIDEMARK_SHUTDOWN_GRACE: '2', TIDEMARK_RETENTION_RELEASES: '10' },
      ...runtime.environment,
      ...environment,
    },
  })
  parts.defer(await runtime.remover(platform))
  parts.use(platform)
  await using repository = await TestRepository.of('witness')
  try {
    const { busy, quiet } = await deploy(platform, repository)
    const developers = [
      new Developer(busy, { name: 'a', random: new Seeded(random.below(SEEDS)), repository }),
      new Developer(busy, { name: 'b', random: new Seeded(random.below(SEEDS)) }),
    ]
    await using traffic = new Traffic(busy, 4)
    await killWhile(platform, { kills, random }, signal =>
      Promise.all(developers.map(developer => developer.work(signal))),
    )
    await settled(platform, [busy, quiet], runtime)
    await traffic.more(20)
    assert.deepEqual(traffic.failures, [])
    await assertKept(busy, developers)
    await assertUndisturbed(quiet)
    assert.equal(await platform.stop(), 0)
    await runtime.assertNothingRuns(platform)
  } catch (error) {
    throw new Error(`With TIDEMARK_TEST_SEED=${random.seed}:\n${platform.output()}`, { cause: error })
  }
}

/** An app that everybody changes and visits, and one that is left alone and counts. */
async function deploy(
  platform: TestPlatform,
  repository: TestRepository,
): Promise<{ busy: TestApp; quiet: TestApp }> {
  const [busy, quiet] = [await TestApp.create(platform, 'busy'), await TestApp.create(platform, 'quiet')]
  for (const app of [busy, quiet]) {
    const { status, stderr } = await repository.push(platform, app.name)
    assert.equal(status, 0, stderr)
  }
  const scaled = await quiet.call('PATCH', '/formation', { updates: [{ type: 'clock', quantity: 1 }] })
  assert.equal(scaled.status, 200)
  return { busy, quiet }
}

async function killWhile(
  platform: TestPlatform,
  { kills, random }: { kills: number; random: Seeded },
  work: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const over = new AbortController()
  const working = work(over.signal)
  const killing = kill(platform, { kills, random }).finally(() => over.abort())
  await Promise.all([working, killing])
}

async function kill(
  platform: TestPlatform,
  { kills, random }: { kills: number; random: Seeded },
): Promise<void> {
  for (let killed = 0; killed < kills; killed++) {
    await after(random.below(LIVES[random.below(3) === 0 ? 1 : 0]))
    await platform.crash()
    if (random.below(CUT_OFF) === 0) await cutOff(platform, random.below(START))
    await platform.restart()
  }
}

/** A server that is killed while it starts, or shortly after. */
async function cutOff(platform: TestPlatform, when: number): Promise<void> {
  const start = platform.restart().catch(() => {})
  await after(when)
  await platform.crash()
  await start
}
