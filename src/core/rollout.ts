import type { AppSettings } from './app.ts'
import { backoff } from './crash.ts'
import { type DynoKind, dynoName } from './dyno.ts'
import { ending } from './ending.ts'
import { derivedId } from './id.ts'
import { releaseDyno, runReleaseCommand } from './release-command.ts'
import { type Duration, type Instant, spoken } from './time.ts'

/** The policy of making releases run, as one function of what is wanted and what is seen: {@link plan}. */

/** A release that is to run, with the formation wanted for it. */
export interface Target {
  releaseId: string
  version: number
  processes: readonly Process[]
  /** Runs once, to its end, before any dyno boots on the release. */
  releaseCommand: string | null
}

export interface Process {
  type: string
  command: string
  quantity: number
  size: string
  /** Raised by a restart of the type. */
  epoch: number
}

/** What happened to one place in the formation (`web.1`), whichever dyno stands in it. */
export interface Slot {
  name: string
  /** Raised by a restart of this place. */
  epoch: number
  /** Stopped by a person; counts only for the release it was stopped on. */
  isStopped: boolean
  /** The release on which `crashes` were counted. */
  releaseId: string | null
  /** Crashes in a row. */
  crashes: number
  crashedAt: Instant | null
}

/** A dyno somebody asked for by itself. */
export interface WantedOneOff extends WantedDyno {
  isStopAsked: boolean
  hasEnded: boolean
}

export interface Desired {
  /** The current release; null while the app has no code. */
  serving: Target | null
  /** The release whose turn it is. */
  rolling: Target | null
  /** Somebody asked for the end of the release command that runs for `rolling`. */
  isCommandStopAsked: boolean
  slots: ReadonlyMap<string, Slot>
  oneOffs: readonly WantedOneOff[]
  settings: Required<AppSettings>
}

export interface WantedDyno {
  id: string
  releaseId: string
  kind: DynoKind
  type: string
  number: number
  name: string
  command: string
  size: string
}

/** The part of what a driver observes that the policy looks at. */
export interface SeenDyno {
  id: string
  releaseId: string
  kind: DynoKind
  name: string
  type: string
  state: 'starting' | 'running' | 'stopping' | 'exited'
  isListening: boolean
  startedAt: Instant
  exitedAt: Instant | null
  exitStatus: number | null
  fault: string | null
}

/** Why an app has nobody to answer, for the router. */
export type Answering = 'serving' | 'blank' | 'scaled-down' | 'crashed' | 'booting'

export type Step =
  | { do: 'start'; dyno: WantedDyno }
  /** Traffic goes to these dynos and no others, in one step. */
  | { do: 'route'; dynoIds: readonly string[]; answering: Answering }
  /** Let it finish its requests, then stop it. */
  | { do: 'retire'; dynoId: string }
  | { do: 'stop'; dynoId: string; grace: Duration; why: 'asked' | 'boot-timeout' }
  | { do: 'crashed'; slot: Slot; dynoId: string }
  | { do: 'ended'; dynoId: string; exitStatus: number }
  | { do: 'forget'; dynoIds: readonly string[] }
  | { do: 'succeed'; releaseId: string }
  | { do: 'fail'; releaseId: string; reason: string }
  | { do: 'wait'; until: Instant }

/** One place of a target's formation with the dyno that belongs there, and the one that is there. */
interface Place {
  wanted: WantedDyno
  slot: Slot
  seen: SeenDyno | undefined
}

/**
 * What to do next so that what is observed becomes what is desired. Applied to its own effects it ends, having
 * routed only to dynos that listen, all of one release.
 */
export function plan(desired: Desired, observed: readonly SeenDyno[], now: Instant): Step[] {
  const world = new World(desired, observed, now)
  const serving = desired.serving ? world.places(desired.serving) : []
  const rolling = desired.rolling ? world.places(desired.rolling) : []
  const rollout = desired.rolling ? rollOut(world, desired.rolling, rolling) : { steps: [], routed: null }
  return [
    // Traffic moves before what it means for the ledger is written down, and before anything that had it is stopped.
    route(world, rollout.routed ?? listening(world, serving), serving),
    ...keepServing(world, serving),
    ...rollout.steps,
    ...retireOthers(world, [...serving, ...rolling]),
    ...runOneOffs(world),
  ]
}

class World {
  readonly desired: Desired
  readonly observed: readonly SeenDyno[]
  readonly now: Instant
  readonly #byId: ReadonlyMap<string, SeenDyno>

  constructor(desired: Desired, observed: readonly SeenDyno[], now: Instant) {
    this.desired = desired
    this.observed = observed
    this.now = now
    this.#byId = new Map(observed.map(dyno => [dyno.id, dyno]))
  }

  seen(id: string): SeenDyno | undefined {
    return this.#byId.get(id)
  }

  places(target: Target): Place[] {
    return target.processes.flatMap(process =>
      Array.from({ length: process.quantity }, (_, index) => this.#place(target, process, index + 1)),
    )
  }

  #place(target: Target, process: Process, number: number): Place {
    const name = dynoName(process.type, number)
    const slot = slotFor(this.desired.slots.get(name), name, target.releaseId)
    const id = derivedId(target.releaseId, name, process.epoch, slot.epoch, slot.crashedAt ?? 0)
    const { type, command, size } = process
    const wanted = {
      id,
      releaseId: target.releaseId,
      kind: 'formation' as const,
      type,
      number,
      name,
      command,
      size,
    }
    return { wanted, slot, seen: this.seen(id) }
  }
}

/** A slot's history as far as it concerns a release: a new release starts with a clean one. */
function slotFor(slot: Slot | undefined, name: string, releaseId: string): Slot {
  const fresh = { name, epoch: slot?.epoch ?? 0, isStopped: false, releaseId, crashes: 0, crashedAt: null }
  return slot && slot.releaseId === releaseId ? slot : fresh
}

export function isReady(dyno: SeenDyno | undefined): boolean {
  if (dyno?.state !== 'running') return false
  return dyno.type !== 'web' || dyno.isListening
}

function keepServing(world: World, places: readonly Place[]): Step[] {
  return places.flatMap(place => keepPlace(world, place))
}

function keepPlace(world: World, { wanted, slot, seen }: Place): Step[] {
  if (slot.isStopped) return stopNow(world, seen)
  if (!seen) {
    const until = slot.crashedAt === null ? world.now : slot.crashedAt + backoff(slot.crashes)
    return until <= world.now ? [{ do: 'start', dyno: wanted }] : [{ do: 'wait', until }]
  }
  if (seen.state === 'exited') {
    const crashed = nextCrash(slot, seen, world.now)
    return [{ do: 'crashed', slot: crashed, dynoId: seen.id }]
  }
  if (wanted.type !== 'web' || isReady(seen) || seen.state === 'stopping') return []
  const until = seen.startedAt + world.desired.settings.bootTimeout
  if (until > world.now) return [{ do: 'wait', until }]
  return stopLate(world, { seen })
}

/** A web dyno that does not listen in time is stopped without grace: it had its time. */
function stopLate(world: World, { seen }: Pick<Place, 'seen'>): Step[] {
  if (!seen || isReady(seen) || seen.state === 'stopping' || seen.state === 'exited') return []
  if (seen.startedAt + world.desired.settings.bootTimeout > world.now) return []
  return [{ do: 'stop', dynoId: seen.id, grace: 0, why: 'boot-timeout' }]
}

/** A dyno that ran for long has earned a clean start: its crash is the first in a row again. */
const STABLE_AFTER: Duration = 600_000

function nextCrash(slot: Slot, seen: SeenDyno, now: Instant): Slot {
  const exitedAt = seen.exitedAt ?? now
  const wasStable = exitedAt - seen.startedAt >= STABLE_AFTER
  return {
    ...slot,
    crashes: wasStable ? 1 : slot.crashes + 1,
    crashedAt: Math.max(exitedAt, (slot.crashedAt ?? 0) + 1),
  }
}

function stopNow(world: World, seen: SeenDyno | undefined): Step[] {
  if (!seen) return []
  if (seen.state === 'exited') return [{ do: 'forget', dynoIds: [seen.id] }]
  if (seen.state === 'stopping') return []
  return [{ do: 'stop', dynoId: seen.id, grace: world.desired.settings.shutdownGrace, why: 'asked' }]
}

interface Rollout {
  steps: readonly Step[]
  /** The dynos that traffic goes to from now on; null while it stays where it was. */
  routed: readonly string[] | null
}

/** Release command, then web dynos, then traffic, then the other process types; the first failure ends it. */
function rollOut(world: World, target: Target, places: readonly Place[]): Rollout {
  const fail = (reason: string, before: readonly Step[] = []): Rollout => ({
    steps: [
      ...before,
      { do: 'fail', releaseId: target.releaseId, reason: `${reason}${stillServing(world)}` },
    ],
    routed: null,
  })
  const command = runReleaseCommand(target, world)
  if (command.fault) return fail(command.fault)
  if (command.steps) return { steps: command.steps, routed: null }

  const web = places.filter(place => place.wanted.type === 'web')
  const others = places.filter(place => place.wanted.type !== 'web')
  const fault = places.map(place => placeFault(world, place)).find(reason => reason !== undefined)
  if (fault)
    return fail(
      fault,
      web.flatMap(place => stopLate(world, place)),
    )
  if (!web.every(place => isReady(place.seen)))
    return { steps: web.flatMap(place => awaitWeb(world, place)), routed: null }

  const routed = web.length > 0 ? web.map(place => place.wanted.id) : null
  const waiting = others.flatMap(place => awaitOther(world, place))
  return { steps: waiting.length > 0 ? waiting : [{ do: 'succeed', releaseId: target.releaseId }], routed }
}

function stillServing(world: World): string {
  return world.desired.serving ? `; v${world.desired.serving.version} is still serving` : ''
}

/** Why this dyno ends the rollout, if it does. */
function placeFault(world: World, { wanted, seen }: Place): string | undefined {
  if (!seen) return undefined
  if (seen.state === 'exited' || seen.state === 'stopping') {
    const isMute = wanted.type === 'web' && !seen.isListening && seen.fault === null
    return `${wanted.name} ${ending(seen)}${isMute ? ' before it listened on $PORT' : ''}`
  }
  const { bootTimeout } = world.desired.settings
  if (isReady(seen) || seen.startedAt + bootTimeout > world.now) return undefined
  const limit = spoken(bootTimeout)
  if (wanted.type === 'web') return `${wanted.name} did not listen on $PORT within ${limit} (R10)`
  return `${wanted.name} did not start within ${limit}`
}

function awaitWeb(world: World, { wanted, seen }: Place): Step[] {
  if (!seen) return [{ do: 'start', dyno: wanted }]
  return isReady(seen) ? [] : [{ do: 'wait', until: seen.startedAt + world.desired.settings.bootTimeout }]
}

/** Another process type counts as running once it has stayed up for the start grace. */
function awaitOther(world: World, { wanted, seen }: Place): Step[] {
  if (!seen) return [{ do: 'start', dyno: wanted }]
  const { bootTimeout, startGrace } = world.desired.settings
  const until = seen.startedAt + (isReady(seen) ? startGrace : bootTimeout)
  return until > world.now ? [{ do: 'wait', until }] : []
}

/** Dynos of the serving release that answer: those that belong there, and those they have not replaced yet. */
function listening(world: World, places: readonly Place[]): string[] {
  const answers = ({ wanted, slot, seen }: Place) => wanted.type === 'web' && !slot.isStopped && isReady(seen)
  const ready = places.filter(answers).map(place => place.wanted.id)
  const leaving = outgoing(world, places).filter(dyno => dyno.type === 'web' && isReady(dyno))
  return [...ready, ...leaving.map(dyno => dyno.id)]
}

/** Dynos that a restart is replacing, for as long as what replaces them is not ready. */
function outgoing(world: World, places: readonly Place[]): SeenDyno[] {
  const unready = new Set(
    places.filter(place => !isReady(place.seen) && !place.slot.isStopped).map(place => place.wanted.name),
  )
  const belongs = new Set(places.map(place => place.wanted.id))
  const releaseId = world.desired.serving?.releaseId
  return world.observed.filter(
    dyno =>
      dyno.releaseId === releaseId &&
      dyno.kind === 'formation' &&
      dyno.state === 'running' &&
      unready.has(dyno.name) &&
      !belongs.has(dyno.id),
  )
}

function route(world: World, dynoIds: readonly string[], serving: readonly Place[]): Step {
  if (dynoIds.length > 0) return { do: 'route', dynoIds, answering: 'serving' }
  return { do: 'route', dynoIds: [], answering: silence(world, serving) }
}

function silence(world: World, serving: readonly Place[]): Answering {
  const target = world.desired.serving ?? world.desired.rolling
  if (!target) return 'blank'
  const wantsWeb = target.processes.some(process => process.type === 'web' && process.quantity > 0)
  if (!wantsWeb) return 'scaled-down'
  const web = serving.filter(place => place.wanted.type === 'web')
  if (web.length > 0 && web.every(place => place.slot.isStopped)) return 'scaled-down'
  const isDown = (place: Place) => place.slot.crashes > 0 && (!place.seen || place.seen.state === 'exited')
  return web.length > 0 && web.every(isDown) ? 'crashed' : 'booting'
}

/** Whatever runs and belongs nowhere: dynos of earlier or failed releases, of removed places, replaced ones. */
function retireOthers(world: World, places: readonly Place[]): Step[] {
  const { serving, rolling, oneOffs } = world.desired
  const kept = new Set([
    ...places.map(place => place.wanted.id),
    ...(rolling?.releaseCommand ? [releaseDyno(rolling).id] : []),
    ...oneOffs.filter(dyno => !dyno.hasEnded).map(dyno => dyno.id),
    ...(serving
      ? outgoing(
          world,
          places.filter(place => place.wanted.releaseId === serving.releaseId),
        )
      : []
    ).map(dyno => dyno.id),
  ])
  const others = world.observed.filter(dyno => !kept.has(dyno.id))
  const gone = others.filter(dyno => dyno.state === 'exited').map(dyno => dyno.id)
  const alive = others.filter(dyno => dyno.state === 'starting' || dyno.state === 'running')
  const retire = alive.map(dyno => ({ do: 'retire' as const, dynoId: dyno.id }))
  return gone.length > 0 ? [...retire, { do: 'forget', dynoIds: gone }] : retire
}

function runOneOffs(world: World): Step[] {
  return world.desired.oneOffs.filter(dyno => !dyno.hasEnded).flatMap(dyno => runOneOff(world, dyno))
}

function runOneOff(world: World, { isStopAsked, hasEnded: _, ...dyno }: WantedOneOff): Step[] {
  const seen = world.seen(dyno.id)
  if (!seen)
    return isStopAsked ? [{ do: 'ended', dynoId: dyno.id, exitStatus: 143 }] : [{ do: 'start', dyno }]
  if (seen.state === 'exited') return [{ do: 'ended', dynoId: dyno.id, exitStatus: seen.exitStatus ?? 1 }]
  return isStopAsked ? stopNow(world, seen) : []
}
