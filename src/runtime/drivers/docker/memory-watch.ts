import type Docker from 'dockerode'
import type { Duration } from '../../../core/time.ts'
import { rest } from './dyno-log.ts'
import type { Fleet } from './fleet.ts'
import { memoryOf } from './memory.ts'

const EVERY: Duration = 20_000

/** Tells dynos how much memory they take, every so often, until `signal` aborts. */
export async function watchMemory(
  engine: Docker,
  { fleet, every = EVERY }: { fleet: Pick<Fleet, 'all'>; every: Duration | undefined },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await rest(every, signal)
    for (const dyno of fleet.all) {
      if (dyno.observed.state !== 'running' || dyno.container === null || signal.aborted) continue
      // One that ends meanwhile, or an engine that does not answer, has nothing to tell.
      await memoryOf(engine, dyno.container).then(
        bytes => dyno.measured(bytes),
        () => {},
      )
    }
  }
}
