import { type Check, examine } from '../core/doctor.ts'
import type { RuntimeContext } from './context.ts'
import { readDesired } from './desired.ts'
import { judged } from './fingerprint.ts'
import { unreachable } from './loopback.ts'

/** Looks at what really runs for an app, and at the bytes of its code. `verify` answers what is wrong with an image. */
export async function examineApp(
  { ledger, driver, clock, settings }: Pick<RuntimeContext, 'ledger' | 'driver' | 'clock' | 'settings'>,
  appId: string,
  verify: (digest: string) => Promise<readonly string[]>,
): Promise<Check[]> {
  const view = await readDesired(ledger, appId, settings)
  if (!view) return []
  const { serving, rolling } = view.desired
  const current = view.releases.get(serving?.releaseId ?? '')
  const digest = current?.artifact.digest
  const artifactFaults = digest === undefined ? [] : await verify(digest)
  const observed = (await driver.list()).filter(dyno => dyno.appId === appId)
  const lost = driver.sharesLoopback ? [] : unreachable(current?.config ?? {})
  return examine({
    desired: view.desired,
    observed: judged(observed, view),
    recorded: new Set(view.recorded.map(dyno => dyno.id)),
    now: clock(),
    rollingSince: view.releases.get(rolling?.releaseId ?? '')?.release.turnAt ?? null,
    artifactFaults,
    caveats: [...driver.caveats(), ...lost],
  })
}
