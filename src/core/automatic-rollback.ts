import type { AppSettings } from './app.ts'

/** How a release has done since it serves. */
export interface Health {
  /** Answers its dynos gave, those of the router in their place included. */
  answers: number
  /** Those of them with a status of 500 or more. */
  errors: number
  crashes: number
}

type Limits = Pick<
  Required<AppSettings>,
  'autoRollbackErrorRate' | 'autoRollbackRequests' | 'autoRollbackCrashes'
>

/**
 * Why a release is to be rolled back, in words that follow its version: it passes a limit that the release before it
 * did not. Undefined while there is no reason to.
 */
export function rollbackReason(
  { before, after }: { before: Health; after: Health },
  limits: Limits,
): string | undefined {
  if (tooManyErrors(after, limits) && !tooManyErrors(before, limits)) {
    return `answered ${after.errors} of ${after.answers} requests with an error (${percent(after)} %, and the limit is ${limits.autoRollbackErrorRate} %)`
  }
  const { autoRollbackCrashes } = limits
  if (after.crashes >= autoRollbackCrashes && before.crashes < autoRollbackCrashes) {
    return `crashed ${after.crashes} ${after.crashes === 1 ? 'time' : 'times'} (the limit is ${autoRollbackCrashes})`
  }
  return undefined
}

function tooManyErrors(health: Health, limits: Limits): boolean {
  if (health.answers < limits.autoRollbackRequests) return false
  return health.errors * 100 >= limits.autoRollbackErrorRate * health.answers
}

function percent({ answers, errors }: Health): number {
  return Math.floor((100 * errors) / answers)
}
