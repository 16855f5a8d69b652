import type { DynoReport } from '../actions/record-dynos.ts'
import type { Desired } from '../core/desired.ts'
import type { Dyno, DynoState } from '../core/dyno.ts'
import type { ObservedDyno } from './driver.ts'

type Seen = Pick<
  ObservedDyno,
  'id' | 'name' | 'kind' | 'type' | 'number' | 'releaseId' | 'state' | 'isListening' | 'exitStatus'
>

/** How `ps` says what a driver sees. */
function dynoState(
  seen: Pick<Seen, 'kind' | 'type' | 'state' | 'isListening'>,
  isOnStandby: boolean,
): DynoState {
  if (seen.state === 'exited') return seen.kind === 'formation' ? 'crashed' : 'complete'
  if (seen.state === 'stopping') return 'down'
  if (seen.state === 'starting') return 'starting'
  if (seen.kind !== 'formation' || seen.type !== 'web') return 'up'
  if (!seen.isListening) return 'starting'
  return isOnStandby ? 'idle' : 'up'
}

/** What has to be written down so that the ledger's dynos are those that were seen. */
export function differences(
  appId: string,
  view: { desired: Desired; recorded: readonly Dyno[]; ended: ReadonlySet<string> },
  observed: readonly Seen[],
): Omit<DynoReport, 'crashed'> {
  const known = new Map(view.recorded.map(dyno => [dyno.id, dyno]))
  const seen = new Map(observed.map(dyno => [dyno.id, dyno]))
  const { standby } = view.desired
  const stateOf = (dyno: Seen) => dynoState(dyno, standby?.releaseId === dyno.releaseId && !standby.answers)
  const alive = observed.filter(dyno => !view.ended.has(dyno.id))
  return {
    appeared: alive
      .filter(dyno => !known.has(dyno.id) && dyno.state !== 'exited')
      .map(dyno => ({ ...appearance(appId, view.desired, dyno), state: stateOf(dyno) })),
    changed: alive.flatMap(dyno => {
      const before = known.get(dyno.id)
      const state = stateOf(dyno)
      return before && before.state !== state ? [{ id: dyno.id, state, exitStatus: dyno.exitStatus }] : []
    }),
    gone: [
      ...view.recorded
        .filter(dyno => !seen.has(dyno.id) && hasLeft(view.desired, dyno, observed))
        .map(dyno => dyno.id),
      ...[...view.ended].filter(id => !seen.has(id)),
    ],
  }
}

function appearance(
  appId: string,
  desired: Desired,
  dyno: Seen,
): Omit<DynoReport['appeared'][number], 'state'> {
  const { id, name, kind, type, number, releaseId } = dyno
  const target = [desired.serving, desired.rolling].find(candidate => candidate?.releaseId === releaseId)
  const process = target?.processes.find(candidate => candidate.type === type)
  const command = kind === 'release' ? (target?.releaseCommand ?? '') : (process?.command ?? '')
  return {
    id,
    appId,
    releaseId,
    kind,
    type,
    number,
    name,
    command,
    size: process?.size ?? 'Basic',
  }
}

/** A crashed dyno stays in view until another stands in its place; a one-off that has not started yet stays too. */
function hasLeft(desired: Desired, dyno: Dyno, observed: readonly Seen[]): boolean {
  if (dyno.kind === 'run') return false
  if (dyno.state !== 'crashed') return true
  const process = desired.serving?.processes.find(candidate => candidate.type === dyno.type)
  const isWanted =
    process !== undefined && dyno.number <= process.quantity && desired.serving?.releaseId === dyno.releaseId
  return !isWanted || observed.some(other => other.name === dyno.name)
}
