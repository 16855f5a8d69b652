import type { ContainerInspectInfo } from 'dockerode'
import type { DynoKind } from '../../../core/dyno.ts'
import { platformError } from '../../../core/ending.ts'
import type { Instant } from '../../../core/time.ts'
import type { ObservedDyno } from '../../driver.ts'
import { PORT } from './container-network.ts'
import type { Labelled } from './labels.ts'

/** How a dyno ended. */
export type Ending = Pick<ObservedDyno, 'exitStatus' | 'exitedAt' | 'fault'>

/** A dyno of which nothing is known but that it was made. */
export function firstObservation(labelled: Labelled): ObservedDyno {
  const { id, appId, releaseId, kind, name, type, number, fingerprint, startedAt } = labelled
  return {
    ...{ id, appId, releaseId, kind, name, type, number, fingerprint },
    ...{ state: 'starting', isListening: false, address: null, startedAt },
    ...{ exitedAt: null, exitStatus: null, fault: null },
  }
}

/** Whether a container was ever started: one that only was made has the year 1 there. */
export function hasStarted({ State }: ContainerInspectInfo): boolean {
  return !State.StartedAt.startsWith('0001-')
}

/** How a container ended that was started and runs no more. */
export function endingOf({ State }: ContainerInspectInfo): Ending {
  return { exitStatus: State.ExitCode, exitedAt: Date.parse(State.FinishedAt), fault: null }
}

/** Exit status of what SIGTERM ended before it ran, and of what was killed. */
export const STOPPED = 143
export const KILLED = 137

/** The ending of a dyno that somebody ended, whom nobody saw. */
export function signalEnding(exitStatus: typeof STOPPED | typeof KILLED, now: Instant): Ending {
  return { exitStatus, exitedAt: now, fault: null }
}

/** The ending of a dyno that never ran. */
export function faultEnding(error: Error, now: Instant): Ending {
  return { exitStatus: null, exitedAt: now, fault: error.message }
}

/** What changes of a dyno when it ends; its ending may be a whole observation of it. */
export function exitOf({ exitStatus, exitedAt, fault }: Ending): Partial<ObservedDyno> {
  return { state: 'exited', isListening: false, exitedAt, exitStatus, fault }
}

/** What is said of a dyno's end, the last line last. */
export function endingLines(
  { fault, exitStatus }: Ending,
  of: { kind: DynoKind; isUp: boolean; isStopping: boolean; isOutOfMemory: boolean },
): string[] {
  const last = of.kind !== 'formation' ? 'complete' : of.isStopping ? 'down' : 'crashed'
  return [
    ...(fault !== null ? [platformError(fault)] : []),
    ...(of.isOutOfMemory ? ['Error R15 (Memory quota vastly exceeded)'] : []),
    ...(fault === null ? [`Process exited with status ${exitStatus}`] : []),
    `State changed from ${of.isUp ? 'up' : 'starting'} to ${last}`,
  ]
}

export function addressOf(host: string | null): string | null {
  return host === null ? null : `${host}:${PORT}`
}
