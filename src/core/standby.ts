import type { Standby } from './desired.ts'
import type { Release } from './release.ts'
import { isReady, type SeenDyno } from './seen-dyno.ts'
import type { Duration } from './time.ts'
import type { World } from './world.ts'

type Moments = Pick<Release, 'id' | 'turnAt' | 'succeededAt'>

/**
 * Who stands by for `duration` after the current release took over from `previous`. `copy` is the release that rolls
 * out, where it makes the app what `previous` made it.
 */
export function standbyOf(
  { current, previous, copy }: Record<'current' | 'previous' | 'copy', Moments | undefined>,
  duration: Duration,
): Standby | null {
  if (duration === 0 || !previous || current?.succeededAt == null) return null
  const until = current.succeededAt + duration
  // One that was asked for later finds dynos on their way out.
  return { releaseId: previous.id, until, answers: copy?.turnAt != null && copy.turnAt < until }
}

/** Web dynos of the release on standby, as long as it stands by and the app wants any. */
export function standingBy(world: World): SeenDyno[] {
  const { standby, serving, rolling } = world.desired
  if (!standby || (standby.until <= world.now && !standby.answers)) return []
  const heir = standby.answers ? rolling : serving
  const wantsWeb = heir?.processes.some(process => process.type === 'web' && process.quantity > 0)
  if (!wantsWeb) return []
  return world.observed.filter(
    dyno =>
      dyno.releaseId === standby.releaseId &&
      dyno.kind === 'formation' &&
      dyno.type === 'web' &&
      isReady(dyno),
  )
}
