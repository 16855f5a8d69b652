import { createHash } from 'node:crypto'
import { formatLine, type LogLine } from '../logs/line.ts'
import type { LogQuery, LogStore } from '../logs/store.ts'

/** As far back as a log goes. */
const ALL_LINES = 1500

export interface LogRequest {
  appId: string
  query: LogQuery
  isTail: boolean
  /** Id of the last line a client has, when it comes back. */
  after: string | undefined
}

/** The lines a log session shows. One that goes on after a line neither repeats it nor leaves one out that is still there. */
export async function* sessionLines(
  logs: LogStore,
  request: LogRequest,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const { appId, query, isTail, after } = request
  const wanted = after === undefined ? query : { ...query, lines: ALL_LINES }
  const known = await logs.query(appId, wanted)
  const seen = new Set(after === undefined ? [] : upTo(known, after).map(lineId))
  if (!isTail) {
    yield* known.filter(line => !seen.has(lineId(line)))
    return
  }
  for await (const line of logs.tail(appId, wanted, signal)) {
    // Everything a client had was there before the tail began, so what is skipped once is not needed again.
    if (!seen.delete(lineId(line))) yield line
  }
}

/** Names a line by its moment and what it says, so that it is the same after a restart. */
export function lineId(line: LogLine): string {
  const hash = createHash('sha256').update(formatLine(line)).digest('base64url').slice(0, 12)
  return `${Math.round(line.at * 1000)}-${hash}`
}

/** The lines up to the one that `id` names; if that is gone from the log, those that are not newer. */
function upTo(lines: readonly LogLine[], id: string): readonly LogLine[] {
  const index = lines.findLastIndex(line => lineId(line) === id)
  if (index >= 0) return lines.slice(0, index + 1)
  const moment = Number(id.split('-', 1)[0])
  return Number.isFinite(moment) ? lines.filter(line => line.at * 1000 <= moment) : []
}
