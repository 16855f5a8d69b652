import { invalid } from './errors.ts'
import type { Instant } from './time.ts'

/** How many dynos of one process type an app wants. */
export interface Formation {
  id: string
  appId: string
  type: string
  quantity: number
  size: string
  /** Raised by a restart of the type: dynos of an earlier epoch are replaced. */
  epoch: number
  createdAt: Instant
  updatedAt: Instant
}

export const MAX_QUANTITY = 100
export const DEFAULT_SIZE = 'Basic'
export const SIZES = ['Eco', 'Basic', 'Standard-1X', 'Standard-2X', 'Performance-M', 'Performance-L'] as const

/** The size as the platform spells it, whatever the case it was typed in. */
export function knownSize(text: string): string {
  const size = SIZES.find(name => name.toLowerCase() === text.toLowerCase())
  if (!size) throw invalid(`Dyno size ${JSON.stringify(text)} is unknown. Use one of: ${SIZES.join(', ')}.`)
  return size
}

/** The quantity asked for: an absolute number, or `+1` and `-1` counted from `now`. */
export function nextQuantity(now: number, asked: number | string): number {
  const text = String(asked).trim()
  const isNegative = typeof asked === 'number' && asked < 0
  if (isNegative || !/^[+-]?\d{1,6}$/.test(text))
    throw invalid(
      `Quantity ${JSON.stringify(asked)} is invalid. Use a whole number, or +1 and -1 for a relative change.`,
    )
  const quantity = /^[+-]/.test(text) ? Math.max(0, now + Number(text)) : Number(text)
  if (quantity > MAX_QUANTITY)
    throw invalid(`Cannot scale to ${quantity} dynos: at most ${MAX_QUANTITY} of one process type.`)
  return quantity
}

/** A formation row as far as its size matters. */
export type FormationSize = Pick<Formation, 'type' | 'quantity' | 'size' | 'epoch'>

/**
 * The formation of a release whose Procfile declares `types`: quantities are kept, types that are gone disappear, new
 * ones start at 0, but for `web`, which starts at 1: also when it comes back, as by a rollback to a release that had it.
 */
export function formationAfter(now: readonly FormationSize[], types: readonly string[]): FormationSize[] {
  return types.map(type => {
    const kept = now.find(row => row.type === type)
    return kept ?? { type, quantity: type === 'web' ? 1 : 0, size: DEFAULT_SIZE, epoch: 0 }
  })
}
