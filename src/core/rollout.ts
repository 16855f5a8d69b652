import type { Desired } from './desired.ts'
import { runOneOffs } from './one-offs.ts'
import { releaseDyno } from './release-command.ts'
import type { SeenDyno } from './seen-dyno.ts'
import { keepServing, listening, outgoing, silence } from './serving.ts'
import type { Step } from './step.ts'
import { takeOver } from './takeover.ts'
import type { Instant } from './time.ts'
import { type Place, World } from './world.ts'

/**
 * What to do next so that what is observed becomes what is desired. Applied to its own effects it ends, having
 * routed only to dynos that listen, all of one release.
 */
export function plan(desired: Desired, observed: readonly SeenDyno[], now: Instant): Step[] {
  const world = new World(desired, observed, now)
  const serving = desired.serving ? world.places(desired.serving) : []
  const rolling = desired.rolling ? world.places(desired.rolling) : []
  const rollout = desired.rolling ? takeOver(world, desired.rolling, rolling) : { steps: [], routed: null }
  return [
    // Traffic moves before what it means for the ledger is written down, and before anything that had it is stopped.
    route(world, rollout.routed ?? listening(world, serving), serving),
    ...keepServing(world, serving),
    ...rollout.steps,
    ...retireOthers(world, [...serving, ...rolling]),
    ...runOneOffs(world),
  ]
}

function route(world: World, dynoIds: readonly string[], serving: readonly Place[]): Step {
  if (dynoIds.length > 0) return { do: 'route', dynoIds, answering: 'serving' }
  return { do: 'route', dynoIds: [], answering: silence(world, serving) }
}

/** Whatever runs and belongs nowhere: dynos of earlier or failed releases, of removed places, replaced ones. */
function retireOthers(world: World, places: readonly Place[]): Step[] {
  const { serving, rolling, oneOffs } = world.desired
  const kept = new Set([
    ...places.map(place => place.wanted.id),
    ...(rolling?.releaseCommand ? [releaseDyno(rolling).id] : []),
    ...oneOffs.filter(dyno => !dyno.hasEnded).map(dyno => dyno.id),
    ...(serving
      ? outgoing(
          world,
          places.filter(place => place.wanted.releaseId === serving.releaseId),
        )
      : []
    ).map(dyno => dyno.id),
  ])
  const others = world.observed.filter(dyno => !kept.has(dyno.id))
  const gone = others.filter(dyno => dyno.state === 'exited').map(dyno => dyno.id)
  const alive = others.filter(dyno => dyno.state === 'starting' || dyno.state === 'running')
  const retire = alive.map(dyno => ({ do: 'retire' as const, dynoId: dyno.id }))
  return gone.length > 0 ? [...retire, { do: 'forget', dynoIds: gone }] : retire
}
