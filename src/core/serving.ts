import { backoff } from './crash.ts'
import type { Slot } from './desired.ts'
import { isReady, type SeenDyno } from './seen-dyno.ts'
import type { Answering, Step } from './step.ts'
import { stopLate, stopNow } from './stopping.ts'
import type { Duration, Instant } from './time.ts'
import type { Place, World } from './world.ts'

/** Starts what is missing, after a pause where it has crashed, and stops what a person stopped. */
export function keepServing(world: World, places: readonly Place[]): Step[] {
  return places.flatMap(place => keepPlace(world, place))
}

function keepPlace(world: World, { wanted, slot, seen }: Place): Step[] {
  if (slot.isStopped) return stopNow(world, seen)
  if (!seen) {
    const until = slot.crashedAt === null ? world.now : slot.crashedAt + backoff(slot.crashes)
    return until <= world.now ? [{ do: 'start', dyno: wanted }] : [{ do: 'wait', until }]
  }
  if (seen.state === 'exited') {
    const crashed = nextCrash(slot, seen, world.now)
    return [{ do: 'crashed', slot: crashed, dynoId: seen.id }]
  }
  if (seen.hasDrifted) return [{ do: 'replace', name: wanted.name, epoch: slot.epoch }]
  if (wanted.type !== 'web' || isReady(seen) || seen.state === 'stopping') return []
  const until = seen.startedAt + world.desired.settings.bootTimeout
  if (until > world.now) return [{ do: 'wait', until }]
  return stopLate(world, seen)
}

/** A dyno that ran for long has earned a clean start: its crash is the first in a row again. */
const STABLE_AFTER: Duration = 600_000

function nextCrash(slot: Slot, seen: SeenDyno, now: Instant): Slot {
  const exitedAt = seen.exitedAt ?? now
  const wasStable = exitedAt - seen.startedAt >= STABLE_AFTER
  return {
    ...slot,
    crashes: wasStable ? 1 : slot.crashes + 1,
    crashedAt: Math.max(exitedAt, (slot.crashedAt ?? 0) + 1),
  }
}

/** Dynos of the serving release that answer: those that belong there, and those they have not replaced yet. */
export function listening(world: World, places: readonly Place[]): string[] {
  const answers = ({ wanted, slot, seen }: Place) => wanted.type === 'web' && !slot.isStopped && isReady(seen)
  const ready = places.filter(answers).map(place => place.wanted.id)
  const leaving = outgoing(world, places).filter(dyno => dyno.type === 'web' && isReady(dyno))
  return [...ready, ...leaving.map(dyno => dyno.id)]
}

/** Dynos that a restart is replacing, for as long as what replaces them is not ready. */
export function outgoing(world: World, places: readonly Place[]): SeenDyno[] {
  const unready = new Set(
    places.filter(place => !isReady(place.seen) && !place.slot.isStopped).map(place => place.wanted.name),
  )
  const belongs = new Set(places.map(place => place.wanted.id))
  const releaseId = world.desired.serving?.releaseId
  return world.observed.filter(
    dyno =>
      dyno.releaseId === releaseId &&
      dyno.kind === 'formation' &&
      dyno.state === 'running' &&
      unready.has(dyno.name) &&
      !belongs.has(dyno.id),
  )
}

/** Why nobody answers. */
export function silence(world: World, serving: readonly Place[]): Answering {
  const target = world.desired.serving ?? world.desired.rolling
  if (!target) return 'blank'
  const wantsWeb = target.processes.some(process => process.type === 'web' && process.quantity > 0)
  if (!wantsWeb) return 'scaled-down'
  const web = serving.filter(place => place.wanted.type === 'web')
  if (web.length > 0 && web.every(place => place.slot.isStopped)) return 'scaled-down'
  const isDown = (place: Place) => place.slot.crashes > 0 && (!place.seen || place.seen.state === 'exited')
  return web.length > 0 && web.every(isDown) ? 'crashed' : 'booting'
}
