import type { LedgerEvent } from './events.ts'

export type Listener = (events: readonly LedgerEvent[]) => void

/**
 * Tells of committed events in the order of their numbers. Two transactions may learn of their commits in another
 * order than they got their numbers in; the later one's events then wait until the earlier one has ended either way.
 */
export class Announcer {
  readonly #listeners = new Set<Listener>()
  readonly #waiting: Announcement[] = []

  /** Returns the way to stop listening. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** For one transaction, from before its events are stored until it has ended. */
  open(): Announcement {
    return new Announcement({
      queue: announcement => this.#waiting.push(announcement),
      flush: () => this.#flush(),
    })
  }

  #flush(): void {
    while (this.#waiting[0]?.hasEnded) {
      const events = this.#waiting.shift()?.events ?? []
      if (events.length > 0) for (const listener of [...this.#listeners]) tell(listener, events)
    }
  }
}

interface Turns {
  queue(announcement: Announcement): void
  flush(): void
}

/** The events of one transaction. What is disposed of without `commit` is never told. */
export class Announcement implements Disposable {
  readonly #turns: Turns
  events: readonly LedgerEvent[] = []
  hasEnded = false

  constructor(turns: Turns) {
    this.#turns = turns
  }

  /** Called once the events have their numbers and before the commit: takes their place in the order. */
  prepare(events: readonly LedgerEvent[]): void {
    this.events = events
    this.#turns.queue(this)
  }

  commit(): void {
    this.hasEnded = true
    this.#turns.flush()
  }

  [Symbol.dispose](): void {
    if (this.hasEnded) return
    this.events = []
    this.commit()
  }
}

/** The action has happened: a listener that breaks must not make it look otherwise, nor go unheard. */
function tell(listener: Listener, events: readonly LedgerEvent[]): void {
  try {
    listener(events)
  } catch (fault) {
    queueMicrotask(() => {
      throw fault
    })
  }
}
