import type { Desired } from './desired.ts'
import { runOneOffs } from './one-offs.ts'
import { releaseDyno } from './release-command.ts'
import type { SeenDyno } from './seen-dyno.ts'
import { keepServing, listening, outgoing, silence } from './serving.ts'
import { standingBy } from './standby.ts'
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
  const standby = standingBy(world)
  const rollout = desired.rolling ? takeOver(world, desired.rolling, rolling) : { steps: [], routed: null }
  return [
    // Traffic moves before what it means for the ledger is written down, and before anything that had it is stopped.
    route(world, rollout.routed ?? standIns(world, standby) ?? listening(world, serving), serving),
    ...keepServing(world, serving),
    ...rollout.steps,
    ...retireOthers(world, { places: [...serving, ...rolling], standby }),
    ...awaitEnd(world, standby),
    ...runOneOffs(world),
  ]
}

function route(world: World, dynoIds: readonly string[], serving: readonly Place[]): Step {
  if (dynoIds.length > 0) return { do: 'route', dynoIds, answering: 'serving' }
  return { do: 'route', dynoIds: [], answering: silence(world, serving) }
}

/** The dynos on standby, where they answer for the release that rolls out. */
function standIns(world: World, standby: readonly SeenDyno[]): string[] | undefined {
  return world.desired.standby?.answers && standby.length > 0 ? standby.map(dyno => dyno.id) : undefined
}

function awaitEnd(world: World, standby: readonly SeenDyno[]): Step[] {
  const until = world.desired.standby?.until ?? 0
  return standby.length > 0 && until > world.now ? [{ do: 'wait', until }] : []
}

/** Whatever runs and belongs nowhere: dynos of earlier or failed releases, of removed places, replaced ones. */
function retireOthers(
  world: World,
  { places, standby }: { places: readonly Place[]; standby: readonly SeenDyno[] },
): Step[] {
  const { serving, rolling, oneOffs } = world.desired
  const kept = new Set([
    ...places.map(place => place.wanted.id),
    ...(rolling?.releaseCommand ? [releaseDyno(rolling).id] : []),
    ...standby.map(dyno => dyno.id),
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
