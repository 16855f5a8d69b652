/** Reads fields of an add-on manifest; what is not as it must be is refused in a sentence that names the field. */
import { invalid } from './errors.ts'

export type Fields = Readonly<Record<string, unknown>>

const MAX_TEXT = 1000

/** The JSON object that `field` must be. */
export function fieldsOf(given: unknown, field: string): Fields {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw fault(field, given === undefined ? 'is missing; expected a JSON object.' : 'must be a JSON object.')
  }
  return given as Fields
}

/** The list of strings that `field` must be. */
export function textsOf(given: unknown, field: string): string[] {
  if (!Array.isArray(given)) {
    throw fault(
      field,
      given === undefined ? 'is missing; expected a list of strings.' : 'must be a list of strings.',
    )
  }
  return given.map((each, index) => text(each, `${field}[${index}]`))
}

/** A string in the form that is expected; it is shown, so it must be no secret. */
export function matching(
  given: unknown,
  field: string,
  [pattern, expected]: readonly [RegExp, string],
): string {
  const value = text(given, field)
  if (pattern.test(value)) return value
  throw fault(field, `is ${JSON.stringify(value)}; expected ${expected}.`)
}

/** Undefined when it is left out, null or empty. */
export function optionalText(given: unknown, field: string): string | undefined {
  return given === undefined || given === null || given === '' ? undefined : text(given, field)
}

/** One line of text. The value itself is never in the sentence: it may be a password. */
export function text(given: unknown, field: string): string {
  if (given === undefined) throw fault(field, 'is missing; expected a string.')
  if (typeof given !== 'string') throw fault(field, 'must be a string.')
  if (given === '') throw fault(field, 'is empty.')
  if (given.length > MAX_TEXT) throw fault(field, `is longer than ${MAX_TEXT} characters.`)
  if (/\p{Cc}/u.test(given)) throw fault(field, 'has a control character in it, like a line break.')
  return given
}

/** `reason` goes on after the field's name. */
export function fault(field: string, reason: string): Error {
  return invalid(`Add-on manifest: ${field} ${reason}`)
}
