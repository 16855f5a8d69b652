import type { Release } from '../core/release.ts'

/** Shows text to the person pushing. */
export type Output = (text: string) => void

/** What a release's command prints, from its beginning to its end, or until `signal` aborts. It may not have begun yet. */
export type CommandOutput = (release: Release, signal: AbortSignal) => AsyncIterable<Uint8Array>

/** How long a command's last words are waited for, once its release has ended. */
const LAST_WORDS = 1000

/** Copies what a release's command prints to the person pushing, while `ended` waits for the end of the release. */
export async function withCommandOutput(
  ended: Promise<Release | undefined>,
  command: (signal: AbortSignal) => AsyncIterable<Uint8Array>,
  output: Output,
): Promise<Release | undefined> {
  output('-----> Running release command...\n')
  const over = new AbortController()
  // What cannot be shown here is kept all the same, and changes nothing about how the release ends.
  const copying = copy(command(over.signal), output).catch(() => {})
  const outcome = await ended
  // A release that never had its turn, or whose end nobody waits for any more, has no last words.
  if (!outcome || outcome.turnAt === null) over.abort()
  const limit = setTimeout(() => over.abort(), LAST_WORDS)
  await copying
  clearTimeout(limit)
  return outcome
}

/** With an empty line before and after. */
async function copy(chunks: AsyncIterable<Uint8Array>, output: Output): Promise<void> {
  const decoder = new TextDecoder()
  let hasBegun = false
  try {
    for await (const chunk of chunks) {
      output(`${hasBegun ? '' : '\n'}${decoder.decode(chunk, { stream: true })}`)
      hasBegun = true
    }
  } finally {
    if (hasBegun) output('\n')
  }
}
