import { UserError } from '../core/errors.ts'

/** The states that whoever asks has seen: the change is made only if one of them is the state of now. Undefined asks for none. */
export type SeenStates = readonly string[] | undefined

/** Throws `precondition_failed` when the state changed since it was seen. Called inside the transaction that makes the change. */
export function checkSeen(seen: SeenStates, now: string): void {
  if (seen === undefined || seen.includes(now)) return
  throw new UserError(
    'precondition_failed',
    'This changed since you read it (If-Match names another state). Read it again, and repeat the change if it still makes sense.',
  )
}
