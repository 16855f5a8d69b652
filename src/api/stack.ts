import type { Static } from '@sinclair/typebox'
import { CONTAINER_STACK } from '../core/app.ts'
import { invalid } from '../core/errors.ts'
import { named } from './presenters/app.ts'
import { type Identity, identityOf } from './schema/shapes.ts'

/** The stack of this platform that is meant, by its name or id. Throws a sentence when there is none. */
export function stackNamed(stacks: readonly string[], identity: Static<typeof Identity>): string {
  const asked = identityOf(identity)
  const found = stacks.find(name => name === asked || named('stack', name).id === asked)
  if (found !== undefined) return found
  throw invalid(
    asked === CONTAINER_STACK
      ? 'The container stack needs the Docker runtime, and here programs run without containers. Start the server with TIDEMARK_RUNTIME=docker.'
      : `Stack ${JSON.stringify(asked)} is unknown. Use one of: ${stacks.join(', ')}.`,
  )
}
