import type Docker from 'dockerode'
import { ask } from '../../../docker/engine.ts'

interface Machine {
  MemoryLimit?: boolean
  SwapLimit?: boolean
  CPUShares?: boolean
  PidsLimit?: boolean
  LiveRestoreEnabled?: boolean
}

/** What dynos in this engine cannot be promised, in sentences. */
export async function engineCaveats(engine: Docker): Promise<readonly string[]> {
  const machine = (await ask('describe its machine', engine.info())) as Machine
  const sentences: [boolean | undefined, string][] = [
    [
      machine.MemoryLimit,
      'Dynos run without a limit on memory: the kernel of this machine has none to give.',
    ],
    [
      machine.SwapLimit,
      'Dynos that take much memory may use swap, which slows others down: the kernel cannot limit it.',
    ],
    [machine.CPUShares, 'Dynos share the processors equally, whatever their size.'],
    [machine.PidsLimit, 'Dynos run without a limit on their number of processes.'],
    [
      machine.LiveRestoreEnabled,
      'A restart of the Docker engine restarts all dynos. Set "live-restore" in its daemon.json to keep them running.',
    ],
  ]
  return sentences.flatMap(([holds, sentence]) => (holds === false ? [sentence] : []))
}
