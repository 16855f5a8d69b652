import { createHmac } from 'node:crypto'

/**
 * A word for what `parts` say that nobody can tell without the key. Any Dockerfile can start from an image of which it
 * knows the name, whosever that is: so no name of an image follows from what people know.
 */
export function unguessable(key: Uint8Array, ...parts: readonly (string | number)[]): string {
  return createHmac('sha256', key).update(JSON.stringify(parts)).digest('hex')
}
