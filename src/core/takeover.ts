import type { Target } from './desired.ts'
import { ending } from './ending.ts'
import { runReleaseCommand } from './release-command.ts'
import { isReady } from './seen-dyno.ts'
import type { Step } from './step.ts'
import { stopLate } from './stopping.ts'
import { spoken } from './time.ts'
import type { Place, World } from './world.ts'

export interface Takeover {
  steps: readonly Step[]
  /** The dynos that traffic goes to from now on; null while it stays where it was. */
  routed: readonly string[] | null
}

/** Release command, then web dynos, then traffic, then the other process types; the first failure ends it. */
export function takeOver(world: World, target: Target, places: readonly Place[]): Takeover {
  const fail = (phase: 'command' | 'dynos', reason: string): Step => {
    return { do: 'fail', releaseId: target.releaseId, phase, reason: `${reason}${stillServing(world)}` }
  }
  const command = runReleaseCommand(target, world)
  if (command.fault) return { steps: [fail('command', command.fault)], routed: null }
  if (command.steps) return { steps: command.steps, routed: null }

  const web = places.filter(place => place.wanted.type === 'web')
  const others = places.filter(place => place.wanted.type !== 'web')
  const fault = places.map(place => placeFault(world, place)).find(reason => reason !== undefined)
  if (fault) {
    const late = web.flatMap(place => stopLate(world, place.seen))
    return { steps: [...late, fail('dynos', fault)], routed: null }
  }
  if (!web.every(place => isReady(place.seen)))
    return { steps: web.flatMap(place => awaitWeb(world, place)), routed: null }

  const routed = web.length > 0 ? web.map(place => place.wanted.id) : null
  const waiting = others.flatMap(place => awaitOther(world, place))
  return { steps: waiting.length > 0 ? waiting : [{ do: 'succeed', releaseId: target.releaseId }], routed }
}

function stillServing(world: World): string {
  return world.desired.serving ? `; v${world.desired.serving.version} is still serving` : ''
}

/** Why this dyno ends the rollout, if it does. */
function placeFault(world: World, { wanted, seen }: Place): string | undefined {
  if (!seen) return undefined
  if (seen.state === 'exited' || seen.state === 'stopping') {
    const isMute = wanted.type === 'web' && !seen.isListening && seen.fault === null
    return `${wanted.name} ${ending(seen)}${isMute ? ' before it listened on $PORT' : ''}`
  }
  const { bootTimeout } = world.desired.settings
  if (isReady(seen) || seen.startedAt + bootTimeout > world.now) return undefined
  const limit = spoken(bootTimeout)
  if (wanted.type === 'web') return `${wanted.name} did not listen on $PORT within ${limit} (R10)`
  return `${wanted.name} did not start within ${limit}`
}

function awaitWeb(world: World, { wanted, seen }: Place): Step[] {
  if (!seen) return [{ do: 'start', dyno: wanted }]
  return isReady(seen) ? [] : [{ do: 'wait', until: seen.startedAt + world.desired.settings.bootTimeout }]
}

/** Another process type counts as running once it has stayed up for the start grace. */
function awaitOther(world: World, { wanted, seen }: Place): Step[] {
  if (!seen) return [{ do: 'start', dyno: wanted }]
  const { bootTimeout, startGrace } = world.desired.settings
  const until = seen.startedAt + (isReady(seen) ? startGrace : bootTimeout)
  return until > world.now ? [{ do: 'wait', until }] : []
}
