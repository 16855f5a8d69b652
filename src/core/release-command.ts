import type { Desired, Target, WantedDyno } from './desired.ts'
import { dynoName } from './dyno.ts'
import { ending } from './ending.ts'
import { derivedId } from './id.ts'
import type { SeenDyno } from './seen-dyno.ts'
import type { Step } from './step.ts'
import { type Instant, spoken } from './time.ts'

/** The dyno of a release's command: the same always, so that a command is never run twice for one release. */
export function releaseDynoId(releaseId: string): string {
  return derivedId(releaseId, 'release')
}

export function releaseDyno(target: Pick<Target, 'releaseId' | 'releaseCommand'>): WantedDyno {
  const id = releaseDynoId(target.releaseId)
  const number = 1000 + (Number.parseInt(id.slice(0, 8), 16) % 9000)
  return {
    id,
    releaseId: target.releaseId,
    kind: 'release',
    type: 'release',
    number,
    name: dynoName('release', number),
    command: target.releaseCommand ?? '',
    size: 'Basic',
  }
}

/** `steps` while the command has not ended, `fault` when it failed, neither when it is done or there is none. */
export function runReleaseCommand(
  target: Target,
  { desired, observed, now }: { desired: Desired; observed: readonly SeenDyno[]; now: Instant },
): { steps?: readonly Step[]; fault?: string } {
  if (target.releaseCommand === null) return {}
  const { releaseTimeout, shutdownGrace } = desired.settings
  const dyno = releaseDyno(target)
  const seen = observed.find(({ id }) => id === dyno.id)
  if (!seen) return { steps: isAnotherRunning(dyno, observed) ? [] : [{ do: 'start', dyno }] }
  if (seen.state === 'exited') {
    if (desired.isCommandStopAsked) return { fault: 'the release command was stopped' }
    return seen.exitStatus === 0 ? {} : { fault: `the release command ${ending(seen)}` }
  }
  const until = seen.startedAt + releaseTimeout
  if (desired.isCommandStopAsked && seen.state !== 'stopping')
    return { steps: [{ do: 'stop', dynoId: dyno.id, grace: shutdownGrace, why: 'asked' }] }
  if (until <= now) return { fault: `the release command did not end within ${spoken(releaseTimeout)}` }
  return { steps: [{ do: 'wait', until }] }
}

/** The command of a release that failed meanwhile may be on its way down: two never change the same things at once. */
function isAnotherRunning({ id }: WantedDyno, observed: readonly SeenDyno[]): boolean {
  return observed.some(seen => seen.kind === 'release' && seen.id !== id && seen.state !== 'exited')
}
