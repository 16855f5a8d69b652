import type Docker from 'dockerode'
import type { Instant } from '../../../core/time.ts'
import type { DynoLine, ObservedDyno } from '../../driver.ts'
import type { Outbox } from '../output/outbox.ts'
import { pace } from '../output/output.ts'
import { DynoLog, type LogPlace } from './dyno-log.ts'
import type { OwnLine } from './records.ts'

type Named = Pick<ObservedDyno, 'appId' | 'id' | 'kind' | 'name'>

/** The lines of one dyno on their way: its own, which the engine keeps, and the dyno manager's, which its record keeps. */
export class DynoLines {
  readonly #dyno: Named
  readonly #outbox: Outbox
  readonly #now: () => Instant
  /** What it means that a line was taken: one of ours less, or a place further on. */
  readonly #meanings = new WeakMap<DynoLine, OwnLine | LogPlace>()
  #onTheirWay = 0
  #own: readonly OwnLine[]
  #place: LogPlace
  #lastAt: Instant = 0

  constructor(
    dyno: Named,
    { own, place }: { own: readonly OwnLine[]; place: LogPlace },
    { outbox, now }: { outbox: Outbox; now: () => Instant },
  ) {
    this.#dyno = dyno
    this.#own = own
    this.#place = place
    this.#outbox = outbox
    this.#now = now
    for (const line of own) if (!line.isEnding) this.#send(line)
  }

  /** Lines of ours that nobody has taken yet. */
  get own(): readonly OwnLine[] {
    return this.#own
  }

  /** How far its output was taken. */
  get place(): LogPlace {
    return this.#place
  }

  get areAllTaken(): boolean {
    return this.#onTheirWay === 0 && this.#own.length === 0
  }

  /** A line of the dyno manager's own. To be kept in the record until it is taken. */
  say(text: string, at?: Instant): void {
    this.#add(text, at === undefined ? {} : { at })
  }

  /** Lines about its end: the last one is the last of all. */
  sayEnding(texts: readonly string[]): void {
    for (const [index, text] of texts.entries())
      this.#add(text, { isEnding: true, isLast: index === texts.length - 1 })
  }

  /** Sends the ending again that an earlier control plane did not get rid of: now all before it is on its way. */
  sendEnding(): void {
    for (const line of this.#own) if (line.isEnding) this.#send(line)
  }

  /** Reads what its container prints, from where it was taken to, until that is all. */
  read(
    container: Docker.Container,
    { inPlace, over, signal }: { inPlace: (at: Instant) => void; over: AbortSignal; signal: AbortSignal },
  ): Promise<void> {
    const log = new DynoLog(container, this.#place, {
      line: (line, after) => this.#print(line, after),
      inPlace,
      gap: since => this.#reportGap(since),
      reading: stream => pace(stream, { appId: this.#dyno.appId, outbox: this.#outbox }),
    })
    return log.read(signal, over)
  }

  /** Somebody keeps `line` from now on. */
  taken(line: DynoLine): void {
    this.#onTheirWay--
    const meaning = this.#meanings.get(line)
    if (meaning === undefined) return
    if ('moment' in meaning) this.#place = meaning
    else this.#own = this.#own.filter(own => own !== meaning)
  }

  /** A line the dyno printed, and the place after it. Answers whether it was kept. */
  #print({ at, text, offset }: { at: Instant; text: string; offset: number }, after?: LogPlace): boolean {
    const entry = { ...this.#entry(at, text), offset, isLast: false }
    if (!this.#outbox.add(entry)) return false
    this.#lastAt = at
    if (after !== undefined) this.#meanings.set(entry, after)
    this.#onTheirWay++
    return true
  }

  /** Lines of the dyno are missing, and nobody knows how many. */
  #reportGap(since: Instant): void {
    const from = new Date(since).toISOString()
    const text = `Error L10 (output buffer overflow): an unknown number of messages dropped since ${from}.`
    const line = { at: this.#now(), source: 'heroku' as const, dyno: 'logplex', text }
    this.#outbox.addAlways({ appId: this.#dyno.appId, line, dyno: null, offset: null, isLast: false })
  }

  #add(text: string, { at = this.#next(), isEnding = false, isLast = false } = {}): void {
    const line = { at, text, isEnding, isLast }
    this.#own = [...this.#own, line]
    this.#send(line)
  }

  /** Now, or just after what was last said or printed. */
  #next(): Instant {
    this.#lastAt = Math.max(this.#now(), next(this.#lastAt), next(this.#place.at))
    return this.#lastAt
  }

  #send(own: OwnLine): void {
    const entry: DynoLine = {
      ...this.#entry(own.at, own.text, 'heroku'),
      offset: null,
      isLast: own.isLast,
    }
    this.#meanings.set(entry, own)
    this.#onTheirWay++
    this.#outbox.addAlways(entry)
  }

  #entry(
    at: Instant,
    text: string,
    source: 'app' | 'heroku' = 'app',
  ): Pick<DynoLine, 'appId' | 'line' | 'dyno'> {
    const { appId, id, kind, name } = this.#dyno
    return { appId, line: { at, source, dyno: name, text }, dyno: { id, kind } }
  }
}

/** A moment later. */
function next(at: Instant): Instant {
  return Math.round(at * 1000 + 1) / 1000
}
