import type { DynoKind } from '../core/dyno.ts'
import type { Duration, Instant } from '../core/time.ts'
import type { LogLine } from '../logs/line.ts'

/** Everything a driver has to know to run one dyno. */
export interface DynoSpec {
  /** Names this one run of the dyno: a restart is another id. */
  id: string
  appId: string
  appName: string
  releaseId: string
  kind: DynoKind
  /** `web.1`; what log lines carry. */
  name: string
  type: string
  number: number
  command: string
  /** Digest of the image; null only for an app without code. */
  image: string
  /** Says which image, command and config vars those are, and nothing about them; kept with the dyno. */
  fingerprint: string
  /** Config vars and the platform's own names; the driver adds PORT, HOME and PATH. */
  environment: Readonly<Record<string, string>>
  /** True for web dynos: the driver gives a PORT and watches for a listener on it. */
  listens: boolean
  size: string
}

export type ObservedState = 'starting' | 'running' | 'stopping' | 'exited'

/** One dyno as it really is. */
export interface ObservedDyno {
  id: string
  appId: string
  releaseId: string
  kind: DynoKind
  name: string
  type: string
  number: number
  state: ObservedState
  /** Of what it was started with; null from a host that does not know it. */
  fingerprint: string | null
  /** Something accepts connections on its port. Stays false for dynos that do not listen. */
  isListening: boolean
  /** `127.0.0.1:41234`, once a port was given. */
  address: string | null
  startedAt: Instant
  exitedAt: Instant | null
  /** Exit status as a shell would show it (128 + signal); null while it runs. */
  exitStatus: number | null
  /** Why it never started, when it did not (no disk, no image): a sentence. */
  fault: string | null
}

/** One line of an app's log. */
export interface DynoLine {
  appId: string
  line: LogLine
  /** Whose it is; null for a line about the output of the app as a whole. */
  dyno: { id: string; kind: DynoKind } | null
  /**
   * Where in all its dyno printed the line begins, in bytes, each line ended by one line feed: written there, a line
   * that is delivered twice is there once. Null for a line that the dyno did not print itself.
   */
  offset: number | null
  /** No line of this dyno follows. */
  isLast: boolean
}

/** A batch of dyno output. It is delivered again until `ack` was called. */
export interface LogBatch {
  lines: readonly DynoLine[]
  ack(): void
}

/** Runs dynos. `list()` is the only thing the reconciler trusts, also after a restart of ours. */
export interface Driver {
  /** Idempotent: a second start of the same dyno id changes nothing, even if that dyno has exited meanwhile. */
  start(spec: DynoSpec): Promise<void>
  /** SIGTERM to its whole process group, then SIGKILL after `grace`. Returns at once; stopping what is gone succeeds. */
  stop(id: string, grace: Duration): Promise<void>
  /** What is really there. Exited dynos stay listed until forgotten. */
  list(): Promise<readonly ObservedDyno[]>
  /** Forgets exited dynos; their directories are already gone. */
  forget(ids: readonly string[]): Promise<void>
  /** Called for every change of a dyno's state. Returns the way to stop watching. */
  watch(listener: (dyno: ObservedDyno) => void): () => void
  /** What dynos print, and the dyno manager's own lines about them (`heroku[web.1]: State changed …`), in order. */
  logs(signal: AbortSignal): AsyncIterable<LogBatch>
  /** Ends every dyno: SIGTERM to all, SIGKILL after `grace`; resolves when none is left. Only a whole shutdown calls it. */
  close(grace: Duration): Promise<void>
  /** Whether dynos reach what listens on this machine's loopback: those with a network of their own do not. */
  readonly sharesLoopback: boolean
  /** What this driver cannot promise on this machine, each a sentence for the operator; empty when all holds. */
  caveats(): readonly string[]
}
