import type { WantedOneOff } from './desired.ts'
import type { Step } from './step.ts'
import { stopNow } from './stopping.ts'
import type { World } from './world.ts'

export function runOneOffs(world: World): Step[] {
  return world.desired.oneOffs.filter(dyno => !dyno.hasEnded).flatMap(dyno => runOneOff(world, dyno))
}

function runOneOff(world: World, { isStopAsked, hasEnded: _, ...dyno }: WantedOneOff): Step[] {
  const seen = world.seen(dyno.id)
  if (!seen)
    return isStopAsked ? [{ do: 'ended', dynoId: dyno.id, exitStatus: 143 }] : [{ do: 'start', dyno }]
  if (seen.state === 'exited') return [{ do: 'ended', dynoId: dyno.id, exitStatus: seen.exitStatus ?? 1 }]
  return isStopAsked ? stopNow(world, seen) : []
}
