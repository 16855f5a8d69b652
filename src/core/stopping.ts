import { isReady, type SeenDyno } from './seen-dyno.ts'
import type { Step } from './step.ts'
import type { World } from './world.ts'

/** A web dyno that does not listen in time is stopped without grace: it had its time. */
export function stopLate(world: World, seen: SeenDyno | undefined): Step[] {
  if (!seen || isReady(seen) || seen.state === 'stopping' || seen.state === 'exited') return []
  if (seen.startedAt + world.desired.settings.bootTimeout > world.now) return []
  return [{ do: 'stop', dynoId: seen.id, grace: 0, why: 'boot-timeout' }]
}

/** Stops a dyno that somebody wants gone; one that is gone is forgotten. */
export function stopNow(world: World, seen: SeenDyno | undefined): Step[] {
  if (!seen) return []
  if (seen.state === 'exited') return [{ do: 'forget', dynoIds: [seen.id] }]
  if (seen.state === 'stopping') return []
  return [{ do: 'stop', dynoId: seen.id, grace: world.desired.settings.shutdownGrace, why: 'asked' }]
}
