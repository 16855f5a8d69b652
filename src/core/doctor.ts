import { backoff } from './crash.ts'
import type { Desired, Target } from './desired.ts'
import { isReady, type SeenDyno } from './seen-dyno.ts'
import { type Instant, spoken } from './time.ts'
import { type Place, World } from './world.ts'

/** What a look at an app found: all is `ok`, something is `wrong`, or a `caveat` of the platform and how it fits the app. */
export interface Check {
  name: 'release' | 'formation' | 'drift' | 'crashes' | 'artifact' | 'rollout' | 'platform'
  status: 'ok' | 'wrong' | 'caveat'
  sentence: string
}

export interface Findings {
  desired: Desired
  observed: readonly SeenDyno[]
  /** Dynos that were written down: one that was not, nobody asked for. */
  recorded: ReadonlySet<string>
  now: Instant
  /** When the release that rolls out got its turn. */
  rollingSince: Instant | null
  /** What is wrong with the artifact of the current release, in sentences. */
  artifactFaults: readonly string[]
  /** What this platform cannot promise the app, in sentences. */
  caveats: readonly string[]
}

/** Compares what runs with what should, and says both in sentences. */
export function examine(findings: Findings): Check[] {
  const { desired, observed, now, caveats } = findings
  const world = new World(desired, observed, now)
  const { serving } = desired
  const places = serving ? world.places(serving).filter(place => !place.slot.isStopped) : []
  return [
    ...(serving ? examineServing(serving, places, findings) : [fine('release', 'The app has no code yet.')]),
    ...examineRollout(findings),
    ...caveats.map((sentence): Check => ({ name: 'platform', status: 'caveat', sentence })),
  ]
}

function examineServing(serving: Target, places: readonly Place[], findings: Findings): Check[] {
  const { observed, recorded, now, artifactFaults } = findings
  const down = places.filter(place => !isReady(place.seen)).map(place => place.wanted.name)
  const wanted = `${places.length} ${places.length === 1 ? 'dyno' : 'dynos'}`
  const release = `v${serving.version}`
  const drifted = observed.filter(dyno => dyno.hasDrifted).map(dyno => dyno.name)
  const wantedIds = new Set(places.map(place => place.wanted.id))
  const strays = observed
    .filter(dyno => dyno.kind === 'formation' && dyno.state !== 'exited')
    .filter(dyno => !wantedIds.has(dyno.id) && !recorded.has(dyno.id))
    .map(dyno => dyno.name)
  return [
    down.length === 0
      ? fine('release', `${release} is current and runs on all of its ${wanted}.`)
      : wrong('release', `${release} is current, and not all of it runs: ${down.join(', ')} of ${wanted}.`),
    strays.length === 0
      ? fine('formation', `The formation asks for ${wanted}, and nothing runs that nobody asked for.`)
      : wrong(
          'formation',
          `Nobody asked for ${strays.join(', ')}, which runs beside the ${wanted} of the formation.`,
        ),
    drifted.length === 0
      ? fine('drift', 'What runs is what the ledger says: the same code and config.')
      : wrong('drift', `Not what the ledger says runs in ${drifted.join(', ')}; others take their places.`),
    ...examineCrashes(places, now),
    artifactFaults.length === 0
      ? fine('artifact', `The artifact of ${release} is there, and every byte of it as it was stored.`)
      : wrong('artifact', `The artifact of ${release} is damaged: ${artifactFaults.join(' ')}`),
  ]
}

function examineCrashes(places: readonly Place[], now: Instant): Check[] {
  const crashed = places.filter(place => place.slot.crashes > 0)
  if (crashed.length === 0) return [fine('crashes', 'No dyno of the current release has crashed.')]
  return crashed.map(({ wanted, slot, seen }) => {
    const times = slot.crashes === 1 ? 'once' : `${slot.crashes} times in a row`
    if (isReady(seen)) return fine('crashes', `${wanted.name} crashed ${times}, and runs again.`)
    const wait = (slot.crashedAt ?? now) + backoff(slot.crashes) - now
    const next = wait > 0 ? `starts again in ${spoken(wait)}` : 'is about to start again'
    return wrong('crashes', `${wanted.name} crashed ${times}, and ${next}.`)
  })
}

function examineRollout({ desired, now, rollingSince }: Findings): Check[] {
  const { rolling, settings } = desired
  if (!rolling) return [fine('rollout', 'No release is pending.')]
  const since = now - (rollingSince ?? now)
  const sentence = `v${rolling.version} has been rolling out for ${spoken(since)}`
  const limit =
    settings.bootTimeout + settings.startGrace + (rolling.releaseCommand ? settings.releaseTimeout : 0)
  if (since <= limit + settings.shutdownGrace) return [fine('rollout', `${sentence}.`)]
  return [wrong('rollout', `${sentence}, which is longer than its time limits allow.`)]
}

function fine(name: Check['name'], sentence: string): Check {
  return { name, status: 'ok', sentence }
}

function wrong(name: Check['name'], sentence: string): Check {
  return { name, status: 'wrong', sentence }
}
