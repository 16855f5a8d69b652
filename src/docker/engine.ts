import type Docker from 'dockerode'
import type { Duration } from '../core/time.ts'

/** The oldest engine API with all that is asked of it: Docker 20.10. */
const OLDEST_API = '1.41'
const DEFAULT_SOCKET = '/var/run/docker.sock'
/** How long an answer may take, when nothing else is said. */
const PATIENCE: Duration = 60_000
/** A call that nobody waits for any more is broken off then, at the latest. */
export const LONGEST_CALL: Duration = 900_000

/** Everything of ours in an engine carries this label; its value says of which platform. What lacks it is never touched. */
export const PLATFORM_LABEL = 'tidemark.platform'

/** The engine does not answer: it is stopped, just starting, or not ours to talk to. What was asked may be asked again. */
export class EngineUnavailable extends Error {
  override readonly name = 'EngineUnavailable'
}

/** Connects to the Docker engine behind `socket`. Throws a sentence when none answers, or one that is too old. */
export async function connectEngine({ socket = DEFAULT_SOCKET }: { socket?: string }): Promise<Docker> {
  const { default: Engine } = await import('dockerode')
  // Said outright, so that no variable of ours leads elsewhere. The time runs until an answer begins.
  const options = { socketPath: socket, host: undefined, connectionTimeout: LONGEST_CALL }
  const engine = new Engine(options as Docker.DockerOptions)
  const { ApiVersion } = await ask(`say its version on ${socket}`, engine.version())
  if (isOlder(ApiVersion, OLDEST_API))
    throw new Error(
      `The Docker engine on ${socket} offers API version ${ApiVersion}; ${OLDEST_API} or later is needed. Install Docker 20.10 or later.`,
    )
  return engine
}

/** Waits for the engine's answer. What goes wrong becomes a sentence: `The Docker engine could not <verb>: …`. */
export async function ask<T>(verb: string, answer: Promise<T>, limit: Duration = PATIENCE): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new DOMException('', 'TimeoutError')), limit)
  try {
    return await Promise.race([answer, late.promise])
  } catch (error) {
    throw explained(verb, error)
  } finally {
    clearTimeout(timer)
  }
}

/** The HTTP status with which the engine refused; undefined when it did not answer at all. */
export function statusOf(error: unknown): number | undefined {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return cause instanceof Error && 'statusCode' in cause ? (cause.statusCode as number) : undefined
}

/** The engine's answer; undefined when it says that there is no such thing, by one of the statuses that say so. */
export function unlessAbsent<T>(
  answer: Promise<T>,
  absent: readonly number[] = [404],
): Promise<T | undefined> {
  return unless(answer, status => absent.includes(status))
}

/** The engine's answer; undefined when it refuses to give one. Throws when it does not answer at all. */
export function unlessRefused<T>(answer: Promise<T>): Promise<T | undefined> {
  return unless(answer, () => true)
}

async function unless<T>(answer: Promise<T>, isNone: (status: number) => boolean): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    const status = statusOf(error)
    if (status !== undefined && isNone(status)) return undefined
    throw error
  }
}

function explained(verb: string, error: unknown): Error {
  if (!(error instanceof Error)) return new Error(`The Docker engine could not ${verb}.`, { cause: error })
  if (statusOf(error) === undefined)
    return new EngineUnavailable(`The Docker engine could not ${verb}: ${reasonOf(error)}`, { cause: error })
  return new Error(`The Docker engine could not ${verb}: ${saidBy(error)}`, { cause: error })
}

function reasonOf(error: Error): string {
  const code = 'code' in error ? error.code : undefined
  if (code === 'EACCES')
    return 'its socket may not be opened by this user. Add the user to the group docker, or run the platform as root.'
  if (code === 'ENOENT' || code === 'ECONNREFUSED')
    return 'nothing answers on its socket. Is it installed and running?'
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'it did not answer in time.'
  return `the connection broke (${error.message}).`
}

/** The engine's own words, without what the client puts around them. */
function saidBy(error: Error): string {
  const json = 'json' in error ? error.json : undefined
  const said = typeof json === 'object' && json !== null && 'message' in json ? json.message : undefined
  const text = typeof said === 'string' ? said : error.message
  return text.trim().replace(/([^.])$/, '$1.')
}

function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [leastMajor = 0, leastMinor = 0] = than.split('.').map(Number)
  return major < leastMajor || (major === leastMajor && minor < leastMinor)
}
