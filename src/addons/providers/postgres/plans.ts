import type { AddonService, Plan } from '../../../core/addon-service.ts'

/** What a database may take, besides what a plan is called. */
export interface PostgresPlan extends Plan {
  /** Bytes on disk; over that it is read-only. */
  size: number
  /** Open at the same time, over all of its credentials. */
  connections: number
}

const GB = 1024 ** 3

/** The first is the default. They are free: the disk is the platform owner's own. */
export const PLANS: readonly PostgresPlan[] = [
  plan('essential-0', 'Essential 0', { size: 1 * GB, connections: 20 }),
  plan('essential-1', 'Essential 1', { size: 10 * GB, connections: 20 }),
  plan('essential-2', 'Essential 2', { size: 32 * GB, connections: 40 }),
  plan('standard-0', 'Standard 0', { size: 64 * GB, connections: 120 }),
]

/** The service as it is offered in `plans`. */
export function postgresService(plans: readonly PostgresPlan[]): AddonService {
  return {
    name: 'postgresql',
    aliases: ['heroku-postgresql'],
    humanName: 'PostgreSQL',
    prefix: 'DATABASE',
    furtherPrefix: 'POSTGRESQL',
    configVars: ['DATABASE_URL'],
    plans: plans.map(({ name, humanName, description, cents }) => ({ name, humanName, description, cents })),
    supportsSharing: true,
    planAliases: {
      mini: 'essential-0',
      'hobby-dev': 'essential-0',
      basic: 'essential-1',
      'hobby-basic': 'essential-1',
    },
  }
}

/** `1 GB`, `512 MB`, `300 kB`. */
export function spokenSize(bytes: number): string {
  for (const [unit, size] of [
    ['GB', GB],
    ['MB', 1024 ** 2],
  ] as const) {
    if (bytes >= size) return `${Number((bytes / size).toFixed(1))} ${unit}`
  }
  return `${Math.ceil(bytes / 1024)} kB`
}

function plan(
  name: string,
  humanName: string,
  limits: Pick<PostgresPlan, 'size' | 'connections'>,
): PostgresPlan {
  const description = `${spokenSize(limits.size)}, ${limits.connections} connections`
  return { name, humanName, description, cents: 0, ...limits }
}
