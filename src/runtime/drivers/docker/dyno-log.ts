import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type Docker from 'dockerode'
import type { Duration, Instant } from '../../../core/time.ts'
import { ask, statusOf } from '../../../docker/engine.ts'
import { LineSplitter } from '../output/line-splitter.ts'
import { IN_PLACE } from './init.ts'
import { instantOf, type LogMessage, MessageReader, sinceOf } from './log-messages.ts'

/** A place between two lines in what a dyno printed. */
export interface LogPlace {
  /** Of the message before it; empty at the very beginning. */
  moment: string
  /** How many messages of that moment are before it. */
  seen: number
  /** Bytes of the lines before it, as `DynoLine.offset` counts them. */
  offset: number
  /** Moment of the line before it. */
  at: Instant
}

export const BEGINNING: LogPlace = { moment: '', seen: 0, offset: 0, at: 0 }

export interface LogListener {
  /** A line, where it begins, and the place after it, when that is a place to go on from. Answers whether it was kept. */
  line(line: { at: Instant; text: string; offset: number }, after: LogPlace | undefined): boolean
  /** The program begins, and hears signals. Nothing it prints has that moment. */
  inPlace(at: Instant): void
  /** Lines are missing: the engine had no room for them while nobody read. */
  gap(since: Instant): void
  /** Makes the stream flow more slowly where that is wanted. */
  reading(stream: Readable): void
}

/** The engine cuts longer lines into messages of this size, of which the last has no line feed. */
const PART_BYTES = 16_384
/** How long the stream of a container that is over may be quiet before it is taken to be at its end. */
const LINGER: Duration = 500
const FIRST_PAUSE: Duration = 50
const LONGEST_PAUSE: Duration = 2000

/** Reads a container's log from a place on, to its end: across lost connections, restarts of the engine, and ours. */
export class DynoLog {
  readonly #container: Docker.Container
  readonly #listener: LogListener
  /** Where to go on after the connection is lost: after the last whole line. */
  #place: LogPlace
  #splitter = new LineSplitter()
  /** How much of the place's moment has been seen again. */
  #again = 0
  #isFirst = true
  /** The moment of a line of which only parts came yet, and how many. */
  #open: { moment: string; parts: number } | undefined
  #offset = 0
  #furthest = 0
  #at: Instant = 0

  constructor(container: Docker.Container, place: LogPlace, listener: LogListener) {
    this.#container = container
    this.#place = place
    this.#listener = listener
  }

  /** Resolves when all that was printed has been read, or `signal` aborts. `over` aborts when no more is printed. */
  async read(signal: AbortSignal, over: AbortSignal): Promise<void> {
    let wait = FIRST_PAUSE
    while (!signal.aborted) {
      try {
        const isOver = await this.#isOver()
        await this.#readOnce(signal, isOver ? undefined : over)
        // Only what is read after the end is surely all.
        if (isOver) return
        wait = FIRST_PAUSE
      } catch {
        await rest(wait, signal)
        wait = Math.min(LONGEST_PAUSE, wait * 2)
      }
    }
  }

  async #isOver(): Promise<boolean> {
    try {
      const { State } = await ask('inspect a dyno', this.#container.inspect())
      return !State.Running
    } catch (error) {
      if (isGone(error)) return true
      throw error
    }
  }

  async #readOnce(signal: AbortSignal, over: AbortSignal | undefined): Promise<void> {
    const { moment } = this.#place
    this.#splitter = new LineSplitter()
    this.#open = undefined
    this.#again = 0
    this.#isFirst = true
    this.#offset = this.#place.offset
    this.#at = this.#place.at
    const options = { stdout: true, timestamps: true, follow: true as const, abortSignal: signal }
    const since = moment === '' ? {} : { since: sinceOf(moment) }
    const opening = this.#container.logs({ ...options, ...since })
    let stream: Readable
    try {
      stream = (await ask('read the log of a dyno', opening)) as Readable
    } catch (error) {
      if (isGone(error)) return
      throw error
    }
    const reader = new MessageReader()
    stream.on('data', (chunk: Buffer) => {
      for (const message of reader.push(chunk)) this.#take(message)
    })
    this.#listener.reading(stream)
    const unhang = endSoonAfter(over, stream)
    await finished(stream, { writable: false }).finally(unhang)
    if (this.#open !== undefined) this.#endLine([], this.#open)
  }

  #take({ moment, text }: LogMessage): void {
    if (this.#isKnown(moment)) return
    if (this.#open !== undefined && this.#open.moment !== moment) this.#endLine([], this.#open)
    const isNew = this.#open === undefined && moment !== this.#place.moment
    const parts = (isNew ? 0 : (this.#open?.parts ?? this.#place.seen)) + 1
    if (this.#place.moment === '' && this.#open === undefined && this.#begin(moment, text)) return
    const lines = this.#splitter.push(text)
    const hasEnd = text.at(-1) === LINE_FEED
    if (hasEnd || text.length < PART_BYTES) {
      this.#endLine(lines, { moment, parts })
      return
    }
    this.#open = { moment, parts }
    for (const line of lines) this.#print(line, moment, undefined)
  }

  /** True for messages before the place to begin at, which the engine sends again. Notices when they are missing. */
  #isKnown(moment: string): boolean {
    const isFirst = this.#isFirst
    this.#isFirst = false
    if (this.#place.moment === moment && this.#again < this.#place.seen) {
      this.#again++
      return true
    }
    if (isFirst && this.#place.moment !== '') this.#listener.gap(this.#place.at)
    return false
  }

  /** Whether `text`, the first there is, is the mark of the beginning; else that is lost already. */
  #begin(moment: string, text: Buffer): boolean {
    const at = instantOf(moment)
    this.#listener.inPlace(at)
    const isMark = text.toString('latin1').trimEnd() === IN_PLACE
    if (isMark) this.#place = { ...this.#place, moment, seen: 1, at }
    else this.#listener.gap(at)
    this.#at = at
    return isMark
  }

  /** The line that is under way ends, `lines` being its last pieces but for what the splitter still holds. */
  #endLine(lines: readonly string[], { moment, parts }: { moment: string; parts: number }): void {
    const pieces = [...lines, ...this.#splitter.end()]
    this.#open = undefined
    for (const [index, piece] of pieces.entries()) {
      const isLast = index === pieces.length - 1
      this.#print(piece, moment, isLast ? { moment, seen: parts } : undefined)
    }
    this.#place = { moment, seen: parts, offset: this.#offset, at: this.#at }
  }

  #print(text: string, moment: string, end: Pick<LogPlace, 'moment' | 'seen'> | undefined): void {
    const at = Math.max(instantOf(moment), Math.round((this.#at + 0.001) * 1000) / 1000)
    const next = this.#offset + Buffer.byteLength(text) + 1
    const after = end === undefined ? undefined : { ...end, offset: next, at }
    this.#at = at
    // The first pieces of a line whose rest a lost connection took: they are on their way already.
    const isKnown = next <= this.#furthest
    // A dropped line leaves no hole.
    if (isKnown || this.#listener.line({ at, text, offset: this.#offset }, after)) this.#offset = next
    this.#furthest = Math.max(this.#furthest, this.#offset)
  }
}

const LINE_FEED = 0x0a

/**
 * Has a stream end when the engine does not see that there is nothing more to follow. What is lost with it is read
 * again afterwards. Returns the way to take that back.
 */
function endSoonAfter(over: AbortSignal | undefined, stream: Readable): () => void {
  let timer: NodeJS.Timeout | undefined
  let isQuiet = false
  const heard = () => {
    isQuiet = false
  }
  const look = () => {
    if (isQuiet && !stream.isPaused()) stream.destroy()
    isQuiet = true
  }
  const soon = () => {
    stream.on('data', heard)
    timer = setInterval(look, LINGER)
  }
  if (over?.aborted === true) soon()
  over?.addEventListener('abort', soon)
  return () => {
    clearInterval(timer)
    over?.removeEventListener('abort', soon)
  }
}

/** The container was removed: what it printed is gone with it. */
function isGone(error: unknown): boolean {
  return statusOf(error) === 404
}

/** Waits, unless `signal` aborts first. */
export function rest(duration: Duration, signal: AbortSignal): Promise<void> {
  return pause(duration, undefined, { signal, ref: false }).catch(() => {})
}
