const MB = 1024 * 1024

/** What a dyno of a size may have. */
interface DynoSize {
  /** Bytes it may count on. Past them it is told so (R14), past twice as much it is ended (R15). */
  memory: number
  /** Its part of the processors when all are busy, against 128 of the smallest. */
  cpuShares: number
  processes: number
}

const SMALLEST: DynoSize = { memory: 512 * MB, cpuShares: 128, processes: 256 }

const SIZES: Readonly<Record<string, DynoSize>> = {
  eco: SMALLEST,
  basic: SMALLEST,
  'standard-1x': SMALLEST,
  'standard-2x': { memory: 1024 * MB, cpuShares: 256, processes: 512 },
  'performance-m': { memory: 2560 * MB, cpuShares: 1536, processes: 16_384 },
  'performance-l': { memory: 14_336 * MB, cpuShares: 6400, processes: 32_768 },
}

/** How much more than its memory a dyno may take before it is ended. */
const VASTLY = 2

/** What a dyno of size `name` may have; of a size nobody knows, as much as the smallest. */
export function dynoSize(name: string): DynoSize {
  return SIZES[name.toLowerCase()] ?? SMALLEST
}

/** Limits of a container, in the engine's words. Without swap: a dyno that uses it slows all others down. */
export function limits(size: string): {
  Memory: number
  MemorySwap: number
  MemoryReservation: number
  CpuShares: number
  PidsLimit: number
} {
  const { memory, cpuShares, processes } = dynoSize(size)
  return {
    Memory: memory * VASTLY,
    MemorySwap: memory * VASTLY,
    MemoryReservation: memory,
    CpuShares: cpuShares,
    PidsLimit: processes,
  }
}
