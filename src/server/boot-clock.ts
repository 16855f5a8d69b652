import { uptime } from 'node:os'

/**
 * Milliseconds since the machine booted, by a clock that nobody sets and that goes on while it sleeps. Only Linux has one
 * for sure; elsewhere it is the process's own, which may stand still meanwhile: a sleep looks like a clock that was set.
 */
export const bootClock: () => number =
  process.platform === 'linux' ? () => uptime() * 1000 : () => performance.now()
