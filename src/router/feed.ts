import type { LogLine } from '../logs/line.ts'
import type { RoutedApp, RoutingTable } from './table.ts'
import type { Tally } from './tallies.ts'

/**
 * The line protocol between control plane and router, over a Unix socket on which the router listens:
 * one JSON document a line, each way.
 */
export type ToRouter =
  /** Replaces the whole table: the first message of every connection. */
  | { type: 'table'; table: RoutingTable }
  | { type: 'app'; app: RoutedApp }
  | { type: 'remove'; appId: string }
  /** Answered by `drained` as soon as no request to the dyno is in flight; at once when there is none. */
  | { type: 'drain'; dynoId: string }
  | { type: 'ack'; batch: number }
  /** Stop accepting, finish what is in flight within `graceMs`, exit. */
  | { type: 'stop'; graceMs: number }

export type FromRouter =
  | { type: 'hello'; pid: number; port: number }
  /** The table, as it is now in force, includes everything sent up to and including message number `count`. */
  | { type: 'applied'; count: number }
  | { type: 'drained'; dynoId: string }
  /** Answers counted since the last time; of all releases it knows, at first. Sums, so that a lost one does no harm. */
  | { type: 'tallies'; tallies: readonly Tally[] }
  /** Router log lines; sent again after a reconnect until acknowledged. */
  | { type: 'lines'; batch: number; lines: readonly { appId: string; line: LogLine }[] }
