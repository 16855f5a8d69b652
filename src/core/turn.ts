import type { Release } from './release.ts'

type Waiting = Pick<Release, 'id' | 'version' | 'kind' | 'turnAt' | 'attachments'>

/**
 * The release whose turn is next, of those pending, oldest first; undefined while one rolls out. They go in order, but
 * that the line which says an add-on is attached is carried by the one right behind it that completes the add-on: the
 * app restarts once for both.
 */
export function nextTurn<T extends Waiting>(pending: readonly T[]): T | undefined {
  if (pending.some(({ turnAt }) => turnAt !== null)) return undefined
  const [first, second] = pending
  return first && second && completes(second, first) ? second : first
}

/** Releases that end well together with `release`, having had no turn of their own. */
export function carriedBy<T extends Waiting>(
  { version }: Pick<Release, 'version'>,
  pending: readonly T[],
): T[] {
  return pending.filter(waiting => waiting.turnAt === null && waiting.version < version)
}

/** Whether `second` is there for the add-on that `first` attached without its config vars. */
function completes(second: Waiting, first: Waiting): boolean {
  if (first.kind !== 'attach' || second.kind !== 'provision' || second.version !== first.version + 1)
    return false
  return first.attachments.some(
    ({ id, configVars }) =>
      configVars.length === 0 &&
      second.attachments.some(attachment => attachment.id === id && attachment.configVars.length > 0),
  )
}
