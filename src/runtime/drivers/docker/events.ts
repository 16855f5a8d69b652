import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type Docker from 'dockerode'
import type { Duration } from '../../../core/time.ts'
import { ask, PLATFORM_LABEL } from '../../../docker/engine.ts'
import { rest } from './dyno-log.ts'

const FIRST_PAUSE: Duration = 50
const LONGEST_PAUSE: Duration = 2000
/** Seconds: an engine takes 0 for not said. */
const BEGINNING = 1

export interface EventListener {
  /** Something happened to a container, and may be told more than once: whose it is, its labels do not tell for sure. */
  happened(container: string, action: string): void
  /** What happened before, while nobody listened, is unknown. */
  connected(): Promise<void>
}

/**
 * Listens to what the engine says of a platform's dynos until `signal` aborts, however often the connection is lost. What
 * it still knows of before comes again each time: an end for want of memory is told by nothing else.
 */
export async function followEvents(
  engine: Docker,
  platform: string,
  { listener, signal }: { listener: EventListener; signal: AbortSignal },
): Promise<void> {
  const filters = { type: ['container' as const], label: [`${PLATFORM_LABEL}=${platform}`] }
  let pause = FIRST_PAUSE
  while (!signal.aborted) {
    const attempt = new AbortController()
    try {
      const abortSignal = AbortSignal.any([signal, attempt.signal])
      const opening = engine.getEvents({ filters, since: BEGINNING, abortSignal })
      const stream = (await ask('tell what happens', opening)) as Readable
      // What is said from here on waits in the stream.
      await listener.connected()
      pause = FIRST_PAUSE
      for await (const line of createInterface({ input: stream })) tell(line, listener)
    } catch {
      // The engine went away; or we do.
    } finally {
      // An answer that comes after all leaves no connection open.
      attempt.abort()
    }
    await rest(pause, signal)
    pause = Math.min(LONGEST_PAUSE, pause * 2)
  }
}

function tell(line: string, listener: EventListener): void {
  const { Action, Actor } = JSON.parse(line) as { Action: string; Actor: { ID: string } }
  listener.happened(Actor.ID, Action)
}
