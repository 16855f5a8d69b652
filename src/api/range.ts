import { UserError } from '../core/errors.ts'

/** A part of a list: `version ]10..20[; max=15, order=desc`. Bounds are by value, whichever the order. */
export interface Range {
  attribute: string
  start: Bound | null
  end: Bound | null
  order: 'asc' | 'desc'
  max: number
}

interface Bound {
  value: string | number
  isExclusive: boolean
}

/** What a list can be ranged by: attributes with the type of their values. The first is the default. */
export type RangeAttributes = Readonly<Record<string, 'integer' | 'text' | 'date'>>

const DEFAULT_MAX = 200
const HIGHEST_MAX = 1000
const FORM = /^([a-z_]+)\s+(\])?([^\s;[\]]*?)\.\.([^\s;[\]]*)(\[)?\s*(?:;(.*))?$/s

/** Reads a Range header; one that is absent or empty asks for the first page. Throws a sentence for what it cannot read. */
export function parseRange(header: string | undefined, attributes: RangeAttributes): Range {
  const names = Object.keys(attributes)
  const text = header?.trim() ?? ''
  if (text === '')
    return { attribute: names[0] ?? 'id', start: null, end: null, order: 'asc', max: DEFAULT_MAX }
  const match = FORM.exec(text)
  if (!match)
    throw unsatisfiable(
      `Range ${JSON.stringify(text)} cannot be read. Send for example: ${names[0]} ..; max=15, order=desc`,
    )
  const [, attribute = '', startsAfter, start = '', end = '', endsBefore, parameters = ''] = match
  const type = attributes[attribute]
  if (!type) throw unsatisfiable(`This list has no range by ${attribute}. Use one of: ${names.join(', ')}.`)
  return {
    attribute,
    start: bound(start, startsAfter !== undefined, type),
    end: bound(end, endsBefore !== undefined, type),
    ...parseParameters(parameters),
  }
}

/** The Range that asks for what follows `last`, the last value of a page. */
export function nextRange(range: Range, last: string | number): string {
  const { attribute, order, max } = range
  const from =
    order === 'asc'
      ? `]${last}`
      : shown(range.start, bounded => (bounded.isExclusive ? `]${bounded.value}` : `${bounded.value}`))
  const to =
    order === 'desc'
      ? `${last}[`
      : shown(range.end, bounded => (bounded.isExclusive ? `${bounded.value}[` : `${bounded.value}`))
  return `${attribute} ${from}..${to}; max=${max}, order=${order}`
}

function shown(limit: Bound | null, show: (limit: Bound) => string): string {
  return limit ? show(limit) : ''
}

function bound(text: string, isExclusive: boolean, type: RangeAttributes[string]): Bound | null {
  if (text === '') return null
  if (type === 'integer' && !/^\d{1,15}$/.test(text))
    throw unsatisfiable(`Range bound ${JSON.stringify(text)} is not a whole number.`)
  if (type === 'date' && Number.isNaN(Date.parse(text))) {
    throw unsatisfiable(`Range bound ${JSON.stringify(text)} is not a date such as 2012-01-01T12:00:00Z.`)
  }
  if (type === 'date') return { value: `${new Date(text).toISOString().slice(0, 19)}Z`, isExclusive }
  return { value: type === 'integer' ? Number(text) : text, isExclusive }
}

function parseParameters(text: string): Pick<Range, 'order' | 'max'> {
  const parameters: Pick<Range, 'order' | 'max'> = { order: 'asc', max: DEFAULT_MAX }
  for (const part of text.split(/[,;]/).map(piece => piece.trim())) {
    if (part === '') continue
    const [name = '', value = ''] = part.split('=').map(piece => piece.trim())
    if (name === 'max') parameters.max = parseMax(value)
    else if (name === 'order' && (value === 'asc' || value === 'desc')) parameters.order = value
    else
      throw unsatisfiable(
        `Range parameter ${JSON.stringify(part)} cannot be read. Use max=<number> and order=asc or order=desc.`,
      )
  }
  return parameters
}

function parseMax(value: string): number {
  if (!/^\d{1,9}$/.test(value) || Number(value) === 0) {
    throw unsatisfiable(`Range parameter max=${value} is not a number from 1 to ${HIGHEST_MAX}.`)
  }
  return Math.min(HIGHEST_MAX, Number(value))
}

function unsatisfiable(message: string): UserError {
  return new UserError('requested_range_not_satisfiable', message)
}
