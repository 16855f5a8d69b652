import type Docker from 'dockerode'
import { ask } from '../../../docker/engine.ts'
import { dynoSize } from './dyno-size.ts'

/** Bytes a container really needs: what it could give back at once, the files it read last, does not count. */
export async function memoryOf(engine: Docker, container: string): Promise<number> {
  const asking = engine.getContainer(container).stats({ stream: false, 'one-shot': true })
  const { memory_stats: memory } = await ask('measure a dyno', asking)
  // Control groups of the first and of the second version call it differently.
  const idle = memory.stats?.total_inactive_file ?? memory.stats?.inactive_file ?? 0
  return Math.max(0, (memory.usage ?? 0) - idle)
}

/** What is said of a dyno that takes `bytes` of memory; nothing while that is what its size has. */
export function overQuota(bytes: number, size: string): string[] {
  const { memory } = dynoSize(size)
  if (bytes <= memory) return []
  const used = `mem=${Math.round(bytes / 1024 ** 2)}M(${((bytes / memory) * 100).toFixed(1)}%)`
  return [`Process running ${used}`, 'Error R14 (Memory quota exceeded)']
}
