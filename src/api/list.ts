import type { FastifyReply, FastifyRequest } from 'fastify'
import { nextRange, parseRange, type Range, type RangeAttributes } from './range.ts'

/** One page of a list, and whether more follows. */
export interface Page<T> {
  items: readonly T[]
  isTruncated: boolean
}

type Key<T> = (item: T, attribute: string) => string | number

/** What a request's Range header asks for, of a list with these attributes. */
export function rangeOf(request: FastifyRequest, attributes: RangeAttributes): Range {
  const { range } = request.headers
  return parseRange(typeof range === 'string' ? range : undefined, attributes)
}

/** The part of `items` that `range` asks for. Items with equal keys are never torn apart: a page may be a little longer. */
export function pageOf<T>(items: readonly T[], range: Range, key: Key<T>): Page<T> {
  const keyed = items
    .map(item => ({ item, at: key(item, range.attribute) }))
    .filter(({ at }) => isWithin(at, range))
  const direction = range.order === 'asc' ? 1 : -1
  keyed.sort((a, b) => (a.at < b.at ? -direction : a.at > b.at ? direction : 0))
  let length = Math.min(range.max, keyed.length)
  while (length > 0 && length < keyed.length && keyed[length]?.at === keyed[length - 1]?.at) length++
  return { items: keyed.slice(0, length).map(({ item }) => item), isTruncated: length < keyed.length }
}

/** Sets the headers and status that tell which part of a list this is, and how to get the next. */
export function describePage<T>(
  reply: FastifyReply,
  { page, range, attributes, key }: { page: Page<T>; range: Range; attributes: RangeAttributes; key: Key<T> },
): void {
  reply.header('accept-ranges', Object.keys(attributes).join(', '))
  const first = page.items[0]
  const last = page.items.at(-1)
  if (first === undefined || last === undefined) return
  const [from, to] = [key(first, range.attribute), key(last, range.attribute)]
  reply.header('content-range', `${range.attribute} ${from}..${to}; max=${range.max}, order=${range.order}`)
  if (page.isTruncated) reply.code(206).header('next-range', nextRange(range, to))
}

/** The common case: a list small enough to be read whole, answered by the part that was asked for. */
export function answerPage<T>(
  exchange: { request: FastifyRequest; reply: FastifyReply },
  items: readonly T[],
  { attributes, key }: { attributes: RangeAttributes; key: Key<T> },
): readonly T[] {
  const range = rangeOf(exchange.request, attributes)
  const page = pageOf(items, range, key)
  describePage(exchange.reply, { page, range, attributes, key })
  return page.items
}

function isWithin(at: string | number, { start, end }: Range): boolean {
  if (start && (start.isExclusive ? at <= start.value : at < start.value)) return false
  return !(end && (end.isExclusive ? at >= end.value : at > end.value))
}
