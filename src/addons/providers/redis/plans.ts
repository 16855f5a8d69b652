import type { AddonService, Plan } from '../../../core/addon-service.ts'

export interface RedisPlan extends Plan {
  /** What it may hold, in megabytes of 1024 × 1024 bytes. */
  megabytes: number
  connections: number
}

/** What is on offer unless the platform says otherwise; the first is the default. */
export const PLANS: readonly RedisPlan[] = [
  plan('mini', 'Mini', { megabytes: 25, connections: 20 }),
  plan('premium-0', 'Premium 0', { megabytes: 50, connections: 40 }),
  plan('premium-1', 'Premium 1', { megabytes: 100, connections: 80 }),
  plan('premium-2', 'Premium 2', { megabytes: 250, connections: 200 }),
]

function plan(
  name: string,
  humanName: string,
  limits: Pick<RedisPlan, 'megabytes' | 'connections'>,
): RedisPlan {
  const description = `${limits.megabytes} MB, ${limits.connections} connections`
  return { name, humanName, description, cents: 0, ...limits }
}

/** The service whose add-ons are key-value stores, in these plans. */
export function redisService(plans: readonly RedisPlan[]): AddonService {
  return {
    name: 'redis',
    aliases: ['heroku-redis'],
    humanName: 'Redis',
    prefix: 'REDIS',
    furtherPrefix: 'REDIS',
    configVars: ['REDIS_URL'],
    plans,
    supportsSharing: true,
    planAliases: { 'hobby-dev': 'mini' },
  }
}
