import { ApiError } from '../client/api-error.ts'
import { UsageError } from './errors.ts'
import type { Output } from './output.ts'
import { ask } from './prompt.ts'

/** Does something that may replace what is there: when the platform asks for it, a person confirms with the app's name. */
export async function confirming<T>(
  output: Output,
  { app, confirm }: { app: string; confirm: string | undefined },
  work: (confirm: string | undefined) => Promise<T>,
): Promise<T> {
  try {
    return await work(confirm)
  } catch (error) {
    if (!(error instanceof ApiError && error.id === 'confirmation_required') || confirm !== undefined)
      throw error
    output.warn(error.message)
    return work(await typed(app, { asking: `To proceed, type ${app}: ` }))
  }
}

/** What somebody types has to be `name`. Throws when it is not. */
export async function typed(
  name: string,
  { asking, given }: { asking: string; given?: string | undefined },
): Promise<string> {
  const answer = given ?? (await ask(asking))
  if (answer !== name) throw new UsageError(`${JSON.stringify(answer)} is not ${name}; nothing was changed.`)
  return answer
}
