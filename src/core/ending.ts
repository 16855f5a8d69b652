import type { SeenDyno } from './seen-dyno.ts'

/** How a dyno ended, in words that follow its name. */
export function ending(seen: Pick<SeenDyno, 'fault' | 'exitStatus'>): string {
  if (seen.fault !== null) return `could not be started: ${seen.fault.replace(/\.$/, '')}`
  if (seen.exitStatus === null) return 'was stopped'
  return `exited with status ${seen.exitStatus}`
}

/** The line in an app's log about a dyno that could not be started, for the reason that `fault` gives. */
export function platformError(fault: string): string {
  return `Error R99 (Platform error) -> The dyno could not be started: ${fault.replace(/\s+/g, ' ')}`
}
