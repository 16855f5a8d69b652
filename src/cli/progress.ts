import type { Output } from './output.ts'

const FRAMES = ['|', '/', '-', '\\']
const FRAME_TIME = 120

/**
 * Runs `work` while stderr says `doing...`, and then its outcome: `done`, `done, v54` when `outcome` gives a word,
 * or `failed`. Only a terminal sees it turn.
 */
export async function progress<T>(
  output: Output,
  doing: string,
  run: { work: () => Promise<T>; outcome?: (result: T) => string },
): Promise<T> {
  const spinner = startSpinner(output, doing)
  try {
    const result = await run.work()
    const outcome = run.outcome?.(result)
    spinner.end(outcome ? `done, ${outcome}` : 'done')
    return result
  } catch (error) {
    spinner.end('failed')
    throw error
  }
}

function startSpinner({ stderr }: Output, doing: string): { end(outcome: string): void } {
  stderr.write(`${doing}... `)
  if (!stderr.isTTY) return { end: outcome => void stderr.write(`${outcome}\n`) }
  let frame = 0
  const turn = () => stderr.write(`\r\x1b[K${doing}... ${FRAMES[frame++ % FRAMES.length]}`)
  const timer = setInterval(turn, FRAME_TIME)
  timer.unref()
  return {
    end(outcome) {
      clearInterval(timer)
      stderr.write(`\r\x1b[K${doing}... ${outcome}\n`)
    },
  }
}
