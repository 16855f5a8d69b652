import type { AppState, RoutedApp, RoutingTable, Target } from './table.ts'

const STATES: readonly AppState[] = ['serving', 'blank', 'scaled-down', 'crashed', 'booting']

/** A routing table read from outside, or undefined where it is none. */
export function parseTable(value: unknown): RoutingTable | undefined {
  if (!isRecord(value) || !Array.isArray(value.apps) || !value.apps.every(isApp)) return undefined
  return { apps: value.apps }
}

export function isApp(value: unknown): value is RoutedApp {
  return (
    isRecord(value) &&
    typeof value.appId === 'string' &&
    typeof value.name === 'string' &&
    typeof value.maintenance === 'boolean' &&
    Array.isArray(value.hosts) &&
    value.hosts.every(host => typeof host === 'string') &&
    Array.isArray(value.targets) &&
    value.targets.every(isTarget) &&
    STATES.includes(value.state as AppState)
  )
}

function isTarget(value: unknown): value is Target {
  return (
    isRecord(value) &&
    typeof value.dynoId === 'string' &&
    typeof value.dyno === 'string' &&
    typeof value.host === 'string' &&
    Number.isInteger(value.port) &&
    (value.releaseId === undefined || typeof value.releaseId === 'string')
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
