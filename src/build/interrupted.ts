import { failBuild } from '../actions/fail-build.ts'
import type { Build } from '../core/build.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Transcripts } from '../logs/transcript.ts'

export const INTERRUPTED = 'The build was interrupted by a restart of the platform. Deploy again.'

export interface InterruptedContext {
  ledger: Ledger
  transcripts: Transcripts
  onTrouble: (trouble: { doing: string; error: unknown }) => void
}

/** Ends the builds that a crash cut short, with the reason, and completes what they printed. */
export async function endInterrupted(context: InterruptedContext): Promise<void> {
  const { ledger, transcripts } = context
  const cutShort = (await ledger.read.builds.pending()).filter(wasCutShort)
  for (const { appId, id } of cutShort) {
    await failBuild(ledger, appId, id, INTERRUPTED)
    await complete(context, id, `\n !     ${INTERRUPTED}\n\n`)
  }
  // The crash may also have come between the end of a build and that of its output.
  for (const id of await ledger.read.builds.ended(await transcripts.unfinished())) {
    await complete(context, id, '')
  }
}

/** A push that was cut off has nobody left to wait for it, and its objects are gone. */
function wasCutShort(build: Build): boolean {
  return build.startedAt !== null || build.source.kind === 'git'
}

/** A full disk costs the transcript, not the build's end. */
async function complete(
  { transcripts, onTrouble }: InterruptedContext,
  id: string,
  text: string,
): Promise<void> {
  try {
    const transcript = await transcripts.open(id)
    transcript.write(text)
    await transcript.end()
  } catch (error) {
    onTrouble({ doing: 'complete a transcript', error })
  }
}
