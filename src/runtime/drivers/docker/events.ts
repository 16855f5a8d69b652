import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type Docker from 'dockerode'
import type { Duration } from '../../../core/time.ts'
import { ask, PLATFORM_LABEL } from '../../../docker/engine.ts'
import { rest } from './dyno-log.ts'

const FIRST_PAUSE: Duration = 50
const LONGEST_PAUSE: Duration = 2000

export interface EventListener {
  /** Something happened to a container: whose it is, its labels do not tell for sure. */
  happened(container: string, action: string): void
  /** What happened before, while nobody listened, is unknown. */
  connected(): Promise<void>
}

/** Listens to what the engine says of a platform's dynos until `signal` aborts, however often the connection is lost. */
export async function followEvents(
  engine: Docker,
  platform: string,
  { listener, signal }: { listener: EventListener; signal: AbortSignal },
): Promise<void> {
  const filters = { type: ['container' as const], label: [`${PLATFORM_LABEL}=${platform}`] }
  let pause = FIRST_PAUSE
  while (!signal.aborted) {
    try {
      const opening = engine.getEvents({ filters, abortSignal: signal })
      const stream = (await ask('tell what happens', opening)) as Readable
      try {
        // What is said from here on waits in the stream.
        await listener.connected()
        pause = FIRST_PAUSE
        for await (const line of createInterface({ input: stream })) tell(line, listener)
      } finally {
        stream.destroy()
      }
    } catch {
      // The engine went away; or we do.
    }
    await rest(pause, signal)
    pause = Math.min(LONGEST_PAUSE, pause * 2)
  }
}

function tell(line: string, listener: EventListener): void {
  const { Action, Actor } = JSON.parse(line) as { Action: string; Actor: { ID: string } }
  listener.happened(Actor.ID, Action)
}
