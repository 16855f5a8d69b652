import type { Duration } from '../../../core/time.ts'
import type { Identity } from '../../../sandbox/sandbox.ts'
import type { DynoSpec, LogBatch, ObservedDyno } from '../../driver.ts'

/** Both sides say it on connecting: a dyno host may be older than the control plane that finds it. */
export const PROTOCOL = 1

/** The socket's name inside the host's directory. */
export const SOCKET = 'host.sock'

/** What a dyno host is started with: the one argument of `host/main.ts`, as JSON. */
export interface HostConfig {
  /** Everything the host keeps: records, file systems of dynos, its socket. */
  directory: string
  /** Directories programs see besides the system's own, read-only; those with programs come first in PATH. */
  visible: readonly string[]
  path: readonly string[]
}

/** One dyno to start. `layers` are the directories of its image, or the sentence why there are none. */
export interface StartOrder {
  spec: DynoSpec
  layers: { ok: true; directories: readonly string[] } | { ok: false; fault: string }
  identity: Identity | null
}

/** Requests carry a number and are answered by a `reply` with the same. All may be repeated. */
export type Request =
  | { verb: 'start'; order: StartOrder }
  | { verb: 'stop'; id: string; grace: Duration }
  | { verb: 'list' }
  | { verb: 'forget'; ids: readonly string[] }
  | { verb: 'close'; grace: Duration }

/** One JSON document a line, each way. */
export type ToHost =
  | { type: 'request'; number: number; request: Request }
  /** From now on lines come to this connection, beginning with all that were never acknowledged. */
  | { type: 'subscribe' }
  | { type: 'unsubscribe' }
  | { type: 'ack'; batch: number }

export type FromHost =
  | { type: 'hello'; protocol: number; pid: number; caveats: readonly string[] }
  | { type: 'reply'; number: number; result: Result }
  | { type: 'dyno'; dyno: ObservedDyno }
  | { type: 'lines'; batch: number; lines: LogBatch['lines'] }

export type Result = { ok: true; dynos: readonly ObservedDyno[] } | { ok: false; fault: string }
