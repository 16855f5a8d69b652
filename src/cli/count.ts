import { InvalidArgumentError } from 'commander'

/** Reads an option that is a number of things, at least one. */
export function count(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Use a whole number from 1 on.')
  return Number(text)
}
