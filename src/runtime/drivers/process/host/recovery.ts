import type { Duration, Instant } from '../../../../core/time.ts'
import type { ObservedDyno } from '../../../driver.ts'
import type { Outbox } from '../../output/outbox.ts'
import { findMembers, killMembers, type ProcessIdentity } from './processes.ts'
import type { DynoRecord, Records } from './records.ts'

const KILL_TIMEOUT: Duration = 5000
const POLL: Duration = 10
const KILLED = 137

/**
 * Ends what an earlier host, killed, left running: nobody watches it or reads its output any more. Returns all dynos
 * on record, exited now, if they were not before.
 */
export async function endLeftovers(
  records: Records,
  outbox: Outbox,
  now: () => Instant,
): Promise<ObservedDyno[]> {
  return Promise.all(records.load().map(record => settle(record, { records, outbox, now })))
}

async function settle(
  { dyno, process }: DynoRecord,
  { records, outbox, now }: { records: Records; outbox: Outbox; now: () => Instant },
): Promise<ObservedDyno> {
  if (dyno.state === 'exited') return dyno
  if (process !== null) await killAll(process)
  const exited: ObservedDyno = {
    ...dyno,
    state: 'exited',
    isListening: false,
    exitedAt: now(),
    exitStatus: KILLED,
  }
  records.save({ dyno: exited, process: null })
  const last = 'State changed from up to crashed'
  for (const text of [`Process exited with status ${KILLED}`, last]) {
    const line = { at: now(), source: 'heroku' as const, dyno: dyno.name, text }
    outbox.addAlways({
      appId: dyno.appId,
      line,
      dyno: { id: dyno.id, kind: dyno.kind },
      offset: null,
      isLast: text === last,
    })
  }
  return exited
}

async function killAll(identity: ProcessIdentity): Promise<void> {
  const limit = AbortSignal.timeout(KILL_TIMEOUT)
  while (!killMembers(identity)) {
    if (limit.aborted)
      throw new Error(
        `Processes ${findMembers(identity).join(', ')} of an earlier dyno do not die. End them by hand.`,
      )
    await new Promise(resolve => setTimeout(resolve, POLL))
  }
}
