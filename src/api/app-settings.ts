import { type Static, type TInteger, type TOptional, type TUnsafe, Type } from '@sinclair/typebox'
import { type AppSettings, DEFAULT_SETTINGS } from '../core/app.ts'
import { nullable } from './schema/shapes.ts'

/** The settings of an app as the API names them, each with the sentence that says what it is. */

function duration(meaning: string, minimum = 1): TInteger {
  return Type.Integer({ minimum, maximum: 86_400, description: meaning })
}

const SHAPES = {
  boot_timeout: duration('Seconds within which a web dyno has to listen on its port'),
  shutdown_grace: duration('Seconds between SIGTERM and SIGKILL'),
  start_grace: duration('Seconds a dyno without a port has to stay up to count as started'),
  release_timeout: duration('Seconds a release command may take'),
  standby: duration(
    'Seconds after a cut-over in which the web dynos of the release before stay up without traffic, so that going back to it takes effect at once; 0 for not at all',
    0,
  ),
  auto_rollback_window: duration(
    'Seconds after a cut-over in which a release that does badly is rolled back by itself; 0 for never',
    0,
  ),
  auto_rollback_error_rate: Type.Integer({
    ...{ minimum: 1, maximum: 100 },
    description: 'Percent of the answers of a release that have to be errors (5xx) for it to be rolled back',
  }),
  auto_rollback_requests: Type.Integer({
    ...{ minimum: 1, maximum: 1_000_000 },
    description: 'Answers a release has to have given before it is judged by them',
  }),
  auto_rollback_crashes: Type.Integer({
    ...{ minimum: 1, maximum: 1000 },
    description: 'Crashes of its dynos for which a release is rolled back',
  }),
}

export const AppSettingsShape = Type.Object(SHAPES)

type Name = keyof typeof SHAPES

const asked = Object.entries(SHAPES).map(([name, shape]) => [name, Type.Optional(nullable(shape))])

export const AskedAppSettings = Type.Object(
  Object.fromEntries(asked) as Record<Name, TOptional<TUnsafe<number | null>>>,
  {
    additionalProperties: false,
    description: 'What is left out stays; null takes the default of the platform',
  },
)

/** What each is in the ledger, and how many of the ledger's units make one of the API's. */
const STORED: Readonly<Record<Name, readonly [name: keyof AppSettings, factor: number]>> = {
  boot_timeout: ['bootTimeout', 1000],
  shutdown_grace: ['shutdownGrace', 1000],
  start_grace: ['startGrace', 1000],
  release_timeout: ['releaseTimeout', 1000],
  standby: ['standby', 1000],
  auto_rollback_window: ['autoRollbackWindow', 1000],
  auto_rollback_error_rate: ['autoRollbackErrorRate', 1],
  auto_rollback_requests: ['autoRollbackRequests', 1],
  auto_rollback_crashes: ['autoRollbackCrashes', 1],
}

const NAMES = Object.keys(STORED) as Name[]

/** All that hold for an app: its own, else the platform's, else the program's. */
export function presentSettings(own: AppSettings, platform: AppSettings): Static<typeof AppSettingsShape> {
  return presentOwnSettings({ ...DEFAULT_SETTINGS, ...platform, ...own }) as Record<Name, number>
}

/** Those that are set. */
export function presentOwnSettings(settings: AppSettings): Partial<Static<typeof AppSettingsShape>> {
  const shown = NAMES.flatMap(name => {
    const [stored, factor] = STORED[name]
    const value = settings[stored]
    return value === undefined ? [] : [[name, value / factor] as const]
  })
  return Object.fromEntries(shown)
}

/** The update that a request asks for; null takes the default again. */
export function settingsOf(
  asked: Readonly<Partial<Record<Name, number | null>>>,
): Partial<Record<keyof AppSettings, number | null>> {
  const given = NAMES.flatMap(name => {
    const value = asked[name]
    const [stored, factor] = STORED[name]
    return value === undefined ? [] : [[stored, value === null ? null : value * factor] as const]
  })
  return Object.fromEntries(given)
}
