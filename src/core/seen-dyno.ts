import type { DynoKind } from './dyno.ts'
import type { Instant } from './time.ts'

/** The part of what a driver observes that the policy looks at. */
export interface SeenDyno {
  id: string
  releaseId: string
  kind: DynoKind
  name: string
  type: string
  state: 'starting' | 'running' | 'stopping' | 'exited'
  isListening: boolean
  startedAt: Instant
  exitedAt: Instant | null
  exitStatus: number | null
  fault: string | null
  /** It runs something else than its release says: another image, command or config. */
  hasDrifted: boolean
}

/** Whether it does its work: a web dyno, once it listens. */
export function isReady(dyno: SeenDyno | undefined): boolean {
  if (dyno?.state !== 'running') return false
  return dyno.type !== 'web' || dyno.isListening
}
