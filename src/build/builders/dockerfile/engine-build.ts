import { addAbortSignal, Readable } from 'node:stream'
import type Docker from 'dockerode'
import { seconds } from '../../../core/time.ts'
import { ask, EngineUnavailable, statusOf } from '../../../docker/engine.ts'
import { type EngineMessage, engineMessages } from './engine-messages.ts'

export interface EngineBuild {
  engine: Docker
  /** A tar of the build context. */
  context: AsyncIterable<Buffer>
  options: Docker.ImageBuildOptions
  onMessage: (message: EngineMessage) => void
}

/** The engine refused the build, or gave up on it: its own words. */
export class EngineBuildFault extends Error {
  override readonly name = 'EngineBuildFault'
}

/**
 * Has the engine build an image and returns its id. When `signal` aborts the connection is cut, and the engine, whose
 * client has gone, kills what it runs.
 */
export async function buildInEngine(build: EngineBuild, signal: AbortSignal): Promise<string> {
  const context = Readable.from(build.context)
  let image: string | undefined
  try {
    const answer = await build.engine.buildImage(context, { ...build.options, abortSignal: signal })
    const messages = addAbortSignal(signal, answer as Readable)
    for await (const message of engineMessages(messages)) {
      build.onMessage(message)
      if (message.error !== undefined) throw new EngineBuildFault(message.error)
      image = message.aux?.ID ?? image
    }
  } catch (error) {
    signal.throwIfAborted()
    if (statusOf(error) !== undefined) throw new EngineBuildFault(saidBy(error), { cause: error })
    throw isBroken(error)
      ? new EngineUnavailable('The connection to the Docker engine broke while it was building.', {
          cause: error,
        })
      : error
  } finally {
    context.destroy()
  }
  if (image === undefined) throw new EngineBuildFault('The build ended without an image.')
  return image
}

/** How long a container may take to be gone once it was killed. */
const REMOVAL = seconds(10)

/** A build has its containers made from an image by its whole id; all others have a name that somebody wrote down. */
const BY_ID = /^sha256:/

/**
 * Makes sure that containers a build ran are gone. A program of the build can print any id, and many a container tells
 * its own as its host's name: those that are older than the build, or made otherwise, were not its own.
 */
export async function removeContainers(
  engine: Docker,
  ids: Iterable<string>,
  begunAt: number,
): Promise<void> {
  await Promise.all([...ids].map(id => removeContainer(engine, id, begunAt)))
}

async function removeContainer(engine: Docker, id: string, begunAt: number): Promise<void> {
  const container = engine.getContainer(id)
  try {
    const { Created, Config } = await ask('look for a container of the build', container.inspect())
    if (Date.parse(Created) < begunAt || !BY_ID.test(Config.Image)) return
    await ask('remove a container of the build', container.remove({ force: true, v: true }))
  } catch (error) {
    const status = statusOf(error)
    // Gone already, or about to be: the engine itself is at it.
    if (status !== 404 && status !== 409) throw error
    if (status === 409) await untilRemoved(container)
  }
}

async function untilRemoved(container: Docker.Container): Promise<void> {
  const abortSignal = AbortSignal.timeout(REMOVAL)
  await ask('remove a container', container.wait({ condition: 'removed', abortSignal })).catch(error => {
    if (statusOf(error) !== 404) throw error
  })
}

/** Errors of connections, as opposed to those of reading the build context. */
const BROKEN = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'])

export function isBroken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && BROKEN.has(String(error.code))
}

/** The engine's words in an answer with a bad status. */
function saidBy(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.replace(/^\(HTTP code \d+\) [^-]*- /, '').trim()
}
