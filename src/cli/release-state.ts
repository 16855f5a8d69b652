import type { Release } from '../client/shapes.ts'

/** What is to be said of a release besides its change: `current`, `standby`, `failed`, `pending`, `expired`, `pinned`. */
export function states(release: Pick<Release, 'status' | 'current' | 'standby' | 'pinned'>): string[] {
  return [
    ...(release.current ? ['current'] : []),
    ...(release.standby ? ['standby'] : []),
    ...(release.status === 'succeeded' ? [] : [release.status]),
    ...(release.pinned ? ['pinned'] : []),
  ]
}
