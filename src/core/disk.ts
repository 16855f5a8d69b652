/** What the disk holds and what of it is ours, in bytes. */
export interface Disk {
  total: number
  free: number
  /** What the platform takes. */
  used: number
}

const GB = 1_000_000_000
const UNITS: Readonly<Record<string, number>> = { kb: 1e3, mb: 1e6, gb: GB, tb: 1e12 }

/** Reads a size as people write it, `50GB`; undefined when it is none. */
export function byteCount(text: string): number | undefined {
  const [, amount, unit = ''] = /^(\d{1,6}(?:\.\d{1,3})?)\s*([kmgt]b)$/i.exec(text) ?? []
  const factor = UNITS[unit.toLowerCase()]
  return amount === undefined || factor === undefined ? undefined : Math.round(Number(amount) * factor)
}

/** Each unit with the least that is said in it: rounded, it would be 1000 of the next smaller one. */
const SPOKEN = [
  ['TB', 1e12, 999_950_000_000],
  ['GB', GB, 999_950_000],
  ['MB', 1e6, 999_001],
] as const

/** A size as people read it: `12.5 GB`. */
export function spokenBytes(bytes: number): string {
  for (const [unit, size, least] of SPOKEN) if (bytes >= least) return `${(bytes / size).toFixed(1)} ${unit}`
  return `${Math.ceil(bytes / 1000)} kB`
}

/** So much always stays free, whatever the budget: the ledger, the logs and whoever tidies up need it. */
export function floorOf(disk: Pick<Disk, 'total'>): number {
  return Math.min(GB, disk.total * 0.05)
}

/** How many bytes have to go, and why, in words; undefined while there is room. */
export function shortage(disk: Disk, budget: number | null): { bytes: number; why: string } | undefined {
  const floor = floorOf(disk)
  if (disk.free < floor) {
    const why = `The platform's disk is nearly full: ${spokenBytes(disk.free)} of ${spokenBytes(disk.total)} are free, and builds need ${spokenBytes(floor)}`
    return { bytes: Math.ceil(floor - disk.free), why }
  }
  if (budget === null || disk.used < budget) return undefined
  const why = `The platform takes ${spokenBytes(disk.used)} on disk, and its budget is ${spokenBytes(budget)}`
  return { bytes: disk.used - budget + 1, why }
}

/** What the platform took when its files were last counted, and what was free then. */
type Counted = Pick<Disk, 'used' | 'free'>

/**
 * Whether what was counted a while ago is near the budget, or may be by now: all that the disk lost since may be what
 * builds have written.
 */
export function mayBeOver(budget: number, counted: Counted, free: number): boolean {
  const written = Math.max(0, counted.free - free)
  return counted.used + written >= budget - Math.min(GB, budget * 0.05)
}

/** A build cache: made again by the next build, which takes longer then. */
export interface BuildCache {
  appId: string
  bytes: number
  /** Since its last build, in milliseconds. */
  unusedFor: number
  /** A build works in it right now. */
  isInUse: boolean
}

/** What to do, in this order, when so many bytes have to go. A live release never goes. */
export interface Relief {
  /** Apps whose build caches go, the one that was not used for longest first. */
  caches: readonly string[]
  /** Whether what retention policies allow has to go, too. */
  sweep: boolean
}

export function relief(bytes: number, caches: readonly BuildCache[]): Relief {
  const doomed: string[] = []
  let left = bytes
  for (const cache of caches
    .filter(({ isInUse }) => !isInUse)
    .toSorted((a, b) => b.unusedFor - a.unusedFor)) {
    if (left <= 0) break
    if (cache.bytes === 0) continue
    doomed.push(cache.appId)
    left -= cache.bytes
  }
  return { caches: doomed, sweep: left > 0 }
}

/** A cache nobody built with for so long is dropped, whatever the disk is like. */
const CACHE_KEPT = 30 * 86_400_000

export function staleCaches(caches: readonly BuildCache[]): string[] {
  return caches.flatMap(({ appId, unusedFor, isInUse }) => (!isInUse && unusedFor > CACHE_KEPT ? appId : []))
}

/** What a person is told whose build is refused. */
export function refusal(why: string): string {
  return `${why}. Nothing was built.\nSee what takes the space with: tidemark disk\nKeep fewer releases with: tidemark retention:set releases=20`
}

/** What one app takes on disk. */
export interface AppBytes {
  appId: string
  /** Images of its releases: bytes that only it needs, and bytes that other apps need as well. */
  releases: { own: number; shared: number }
  repository: number
  buildCache: number
  /** Its log, and the output of its builds. */
  logs: number
  /** What the next sweep by its retention policy will free. */
  reclaimable: number
}
