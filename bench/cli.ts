/** How long the command line takes to start: `tidemark --version`, against a node that does nothing. */
import { join } from 'node:path'
import { ROOT } from '../test/support/platform.ts'
import { run } from '../test/support/repository.ts'
import { inTurns, state, timed } from './side-by-side.ts'

const ROUNDS = 15
const cli = join(ROOT, 'bin', 'tidemark.js')

const { tidemark, uncached, nothing } = await inTurns(
  {
    tidemark: () => start([cli, '--version']),
    uncached: () => start([cli, '--version'], { NODE_DISABLE_COMPILE_CACHE: '1' }),
    nothing: () => start(['--eval', '0']),
  },
  ROUNDS,
)
state('start of the command line', { value: tidemark, unit: 'ms', goal: { atMost: 150 } })
console.log(
  `  without cached code ${uncached.toFixed(0)} ms, a node that does nothing ${nothing.toFixed(0)} ms`,
)

function start(args: readonly string[], environment: Record<string, string> = {}): Promise<number> {
  return timed(() => run(process.execPath, args, { environment }))
}
