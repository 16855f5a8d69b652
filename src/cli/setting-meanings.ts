import type { App } from '../client/shapes.ts'

interface Meaning {
  unit: 's' | '%' | ''
  sentence: string
  /** Whether 0 turns it off. */
  isOptional?: true
}

/** What the settings of an app are, in the words that a list of them has room for. */
export const MEANINGS: Readonly<Record<keyof App['settings'], Meaning>> = {
  boot_timeout: { unit: 's', sentence: 'within which a web dyno has to listen' },
  shutdown_grace: { unit: 's', sentence: 'between SIGTERM and SIGKILL' },
  start_grace: { unit: 's', sentence: 'another dyno has to stay up to count as started' },
  release_timeout: { unit: 's', sentence: 'a release command may take' },
  standby: {
    ...{ unit: 's', isOptional: true },
    sentence: 'the web dynos of the release before stay up, to go back at once',
  },
  auto_rollback_window: {
    ...{ unit: 's', isOptional: true },
    sentence: 'after a cut-over in which a bad release is rolled back by itself',
  },
  auto_rollback_error_rate: { unit: '%', sentence: 'of its answers being errors (5xx) make a release bad' },
  auto_rollback_requests: { unit: '', sentence: 'answers it takes to judge by them' },
  auto_rollback_crashes: { unit: '', sentence: 'crashes make a release bad' },
}

/** `90 s`, `20 %`, `3`, `off`. */
export function settingValue(name: keyof App['settings'], value: number): string {
  const { unit, isOptional } = MEANINGS[name]
  return isOptional && value === 0 ? 'off' : `${value} ${unit}`.trimEnd()
}
