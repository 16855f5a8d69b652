import type { LogLine } from './line.ts'

/** Which lines of an app are wanted; what is left out matches all. */
export interface LogFilter {
  source?: LogLine['source']
  /** A dyno's name (`web.1`), or a process type for all of its dynos (`web`). */
  dyno?: string
}

export function matches(line: LogLine, { source, dyno }: LogFilter): boolean {
  if (source !== undefined && line.source !== source) return false
  return dyno === undefined || line.dyno === dyno || line.dyno.startsWith(`${dyno}.`)
}
