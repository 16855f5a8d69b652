import { isDeepStrictEqual } from 'node:util'
import { type App, type AppSettings, DEFAULT_SETTINGS } from '../core/app.ts'
import type { Artifact } from '../core/artifact.ts'
import type { ConfigVars } from '../core/config-vars.ts'
import type { Desired, Standby } from '../core/desired.ts'
import type { Dyno } from '../core/dyno.ts'
import type { Release } from '../core/release.ts'
import { standbyOf } from '../core/standby.ts'
import { targetOf } from '../core/target.ts'
import type { Duration } from '../core/time.ts'
import type { OneOff } from '../ledger/dynos.ts'
import type { Ledger, Reader } from '../ledger/ledger.ts'

/** A release with all that running it takes. */
export interface RunnableRelease {
  release: Release
  artifact: Artifact
  config: ConfigVars
}

/** What the ledger says about an app, as of one moment. */
export interface AppView {
  app: App
  desired: Desired
  /** By release id: the current release, the one rolling out, and those of one-off dynos. */
  releases: ReadonlyMap<string, RunnableRelease>
  oneOffs: readonly OneOff[]
  /** Dynos as last written down. */
  recorded: readonly Dyno[]
  /** Ids of one-offs and release commands that were written down as ended. */
  ended: ReadonlySet<string>
}

/** Reads what an app should be running; undefined once it was destroyed. */
export async function readDesired(
  ledger: Ledger,
  appId: string,
  platform: AppSettings,
): Promise<AppView | undefined> {
  return ledger.snapshot(async reader => {
    const app = await reader.apps.byId(appId)
    if (!app) return undefined
    const current = await runnable(reader, await reader.releases.current(appId))
    const rolling = await runnable(reader, await reader.releases.rolling(appId))
    const settings = { ...DEFAULT_SETTINGS, ...platform, ...app.settings }
    const standby = await readStandby(reader, { appId, current, rolling }, settings.standby)
    const [oneOffs, commands] = byKind(await reader.dynos.oneOffs(appId))
    const releases = new Map([current, rolling].flatMap(run => (run ? [[run.release.id, run] as const] : [])))
    for (const { releaseId } of oneOffs) {
      const run =
        releases.get(releaseId) ?? (await runnable(reader, await reader.releases.byId(appId, releaseId)))
      if (run) releases.set(releaseId, run)
    }
    const formation = await reader.formations.list(appId)
    const target = (run: RunnableRelease | undefined) =>
      run ? targetOf(run.release, run.artifact.processTypes, formation) : null
    return {
      app,
      releases,
      oneOffs,
      recorded: await reader.dynos.list(appId),
      ended: new Set([...oneOffs, ...commands].flatMap(dyno => (dyno.state === 'complete' ? [dyno.id] : []))),
      desired: {
        serving: target(current),
        rolling: target(rolling),
        isCommandStopAsked: commands.some(dyno => dyno.releaseId === rolling?.release.id && dyno.isStopAsked),
        standby,
        slots: new Map((await reader.slots.list(appId)).map(slot => [slot.name, slot])),
        oneOffs: oneOffs.map(dyno => ({
          ...wanted(dyno),
          isStopAsked: dyno.isStopAsked,
          hasEnded: dyno.state === 'complete',
        })),
        settings,
      },
    }
  })
}

/** The release whose dynos stand by, and whether what rolls out is a copy of it. */
async function readStandby(
  reader: Reader,
  run: { appId: string; current: RunnableRelease | undefined; rolling: RunnableRelease | undefined },
  duration: Duration,
): Promise<Standby | null> {
  const current = run.current?.release
  if (duration === 0 || !current) return null
  const previous = await reader.releases.lastRun(run.appId, current.version)
  const isCopy = previous !== undefined && run.rolling !== undefined && (await isSame(previous, run.rolling))
  return standbyOf({ current, previous, copy: isCopy ? run.rolling?.release : undefined }, duration)

  async function isSame({ artifactId, configId }: Release, other: RunnableRelease): Promise<boolean> {
    if (artifactId !== other.artifact.id) return false
    return (
      configId === other.release.configId ||
      isDeepStrictEqual(await reader.configs.load(configId), other.config)
    )
  }
}

/** Dynos that somebody asked for by themselves, and release commands, which come with their release. */
function byKind(dynos: readonly OneOff[]): [oneOffs: OneOff[], commands: OneOff[]] {
  return [dynos.filter(dyno => dyno.kind === 'run'), dynos.filter(dyno => dyno.kind === 'release')]
}

async function runnable(reader: Reader, release: Release | undefined): Promise<RunnableRelease | undefined> {
  if (!release?.artifactId) return undefined
  const artifact = await reader.artifacts.byId(release.artifactId)
  return artifact && { release, artifact, config: await reader.configs.load(release.configId) }
}

function wanted({ id, releaseId, kind, type, number, name, command, size }: OneOff) {
  return { id, releaseId, kind, type, number, name, command, size }
}
