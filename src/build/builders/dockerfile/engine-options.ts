import type Docker from 'dockerode'
import type { Plan } from './plan.ts'

export interface EngineLimits {
  /** What a step of the build may use of the machine; null for all of it. */
  memoryBytes: number | null
  cpus: number | null
}

export interface EngineSettings {
  /** What the image is to be called. */
  tag: string
  network: string | null
  limits: EngineLimits
  /** Whether steps whose instructions and files did not change are taken from earlier builds. */
  useCache: boolean
}

const CPU_PERIOD = 100_000

/** What the engine is asked for. */
export function engineOptions(plan: Plan, settings: EngineSettings): Docker.ImageBuildOptions {
  const { tag, network, limits, useCache } = settings
  const { memoryBytes, cpus } = limits
  return {
    dockerfile: plan.context.dockerfile,
    t: tag,
    // No labels: an image hands out its history, and what the platform's own containers carry is nobody's business.
    buildargs: { ...plan.buildArguments },
    nocache: !useCache,
    // The classic builder: the context comes with the request, and no session has to be kept.
    version: '1',
    pull: false,
    rm: true,
    forcerm: true,
    ...(plan.target !== null && { target: plan.target }),
    ...(network !== null && { networkmode: network }),
    ...(memoryBytes !== null && { memory: memoryBytes, memswap: memoryBytes }),
    ...(cpus !== null && { cpuperiod: CPU_PERIOD, cpuquota: Math.round(cpus * CPU_PERIOD) }),
  }
}
