import { appendFile, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { formatLine, type LogLine, parseLine } from './line.ts'

/** How many lines an app's log goes back. */
export const MAX_LINES = 1500

/** A segment takes so many lines; the oldest goes as soon as the others hold 1,500. */
const SEGMENT_LINES = 500
const SEGMENT = /^(\d{8})\.log$/

/**
 * The last lines of one app, in memory and in files of its directory. A file is only ever appended to, by one write
 * for each call, and closed again. A line that a kill cut short is skipped when it is read.
 */
export class AppLog {
  readonly #directory: string
  #lines: LogLine[] = []
  #segment = 1
  /** Lines of each segment on disk, oldest first. */
  readonly #sizes = new Map<number, number>()
  #newest = 0

  private constructor(directory: string) {
    this.#directory = directory
  }

  static async open(directory: string): Promise<AppLog> {
    const log = new AppLog(directory)
    await mkdir(directory, { recursive: true, mode: 0o700 })
    for (const segment of await log.#segments()) await log.#load(segment)
    await log.#prune()
    return log
  }

  /** The lines in memory, oldest first. Not to be changed. */
  get lines(): readonly LogLine[] {
    return this.#lines
  }

  /** Writes those of `lines` that are not there yet and returns them. They survive a kill once the promise resolves. */
  async append(lines: readonly LogLine[]): Promise<readonly LogLine[]> {
    const fresh = this.#withoutKnown(lines.map(onOneLine))
    if (fresh.length === 0) return fresh
    await appendFile(this.#path(this.#segment), fresh.map(line => `${formatLine(line)}\n`).join(''), {
      mode: 0o600,
    })
    this.#remember(fresh)
    const size = (this.#sizes.get(this.#segment) ?? 0) + fresh.length
    this.#sizes.set(this.#segment, size)
    if (size >= SEGMENT_LINES) await this.#startSegment()
    return fresh
  }

  async #startSegment(): Promise<void> {
    this.#segment++
    await this.#prune()
  }

  /** A batch whose delivery was not confirmed comes again: the same moment, dyno and text is the same line. */
  #withoutKnown(lines: readonly LogLine[]): LogLine[] {
    if (lines.every(line => line.at > this.#newest)) return [...lines]
    const known = new Set(this.#lines.map(formatLine))
    return lines.filter(line => line.at > this.#newest || !known.has(formatLine(line)))
  }

  #remember(lines: readonly LogLine[]): void {
    this.#lines = [...this.#lines, ...lines].slice(-MAX_LINES)
    for (const { at } of lines) this.#newest = Math.max(this.#newest, at)
  }

  async #load(segment: number): Promise<void> {
    const texts = (await readFile(this.#path(segment), 'utf8')).split('\n')
    const isTorn = texts.pop() !== ''
    this.#remember(texts.flatMap(text => parseLine(text) ?? []))
    this.#sizes.set(segment, texts.length)
    // Nothing is added to a torn line.
    this.#segment = isTorn ? segment + 1 : segment
  }

  /** Removes the oldest segments, as long as the others hold enough lines. */
  async #prune(): Promise<void> {
    let total = [...this.#sizes.values()].reduce((sum, size) => sum + size, 0)
    for (const [segment, size] of this.#sizes) {
      total -= size
      if (total < MAX_LINES || segment === this.#segment) return
      await rm(this.#path(segment), { force: true })
      this.#sizes.delete(segment)
    }
  }

  async #segments(): Promise<number[]> {
    const names = await readdir(this.#directory)
    const numbers = names.map(name => Number(SEGMENT.exec(name)?.[1] ?? 0))
    return numbers.filter(number => number > 0).sort((a, b) => a - b)
  }

  #path(segment: number): string {
    return join(this.#directory, `${String(segment).padStart(8, '0')}.log`)
  }
}

/** Microseconds and no line breaks: what is written reads back as the same line. */
function onOneLine({ at, source, dyno, text }: LogLine): LogLine {
  return { at: Math.round(at * 1000) / 1000, source, dyno, text: text.replace(/[\r\n]+/g, ' ') }
}
