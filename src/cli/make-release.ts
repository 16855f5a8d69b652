import type { PlatformClient } from '../client/platform-client.ts'
import type { Release } from '../client/shapes.ts'
import { succeeded } from './outcome.ts'
import type { Output } from './output.ts'
import { progress } from './progress.ts'
import { streamRelease } from './release-output.ts'

export interface ReleaseMaking {
  client: PlatformClient
  app: string
  /** `Setting A, B and restarting shop` */
  doing: string
  /** Undefined when there was nothing to change. */
  make: () => Promise<Release | undefined>
  wait: boolean
  /** What is said when no release came of it. */
  otherwise?: string
}

/**
 * Makes a release, says how it went, and on stderr what its release command says meanwhile. Throws with the reason when
 * the release fails.
 */
export async function makeRelease(output: Output, making: ReleaseMaking): Promise<Release | undefined> {
  const { client, app, doing, make, wait } = making
  const made = await progress(output, doing, {
    work: async () => {
      const release = await make()
      const isSilent = release?.output_stream_url === null
      return release && wait && isSilent ? succeeded(client, app, release) : release
    },
    outcome: release => spoken(release, making.otherwise),
  })
  return made && wait ? finishRelease(output, { client, app, release: made }) : made
}

/** Waits for the end of a release, showing what its release command says. */
export async function finishRelease(
  output: Output,
  { client, app, release }: { client: PlatformClient; app: string; release: Release },
): Promise<Release> {
  if (release.status !== 'pending') return succeeded(client, app, release)
  if (release.output_stream_url !== null) {
    output.note('Running release command...\n')
    const hasSpoken = await streamRelease(client, { app, release, to: output.stderr })
    if (hasSpoken) output.note('')
  }
  return progress(output, `Waiting for v${release.version}`, { work: () => succeeded(client, app, release) })
}

function spoken(release: Release | undefined, otherwise = 'nothing to change'): string {
  if (!release) return otherwise
  return release.status === 'pending' ? `v${release.version} is rolling out` : `v${release.version}`
}
