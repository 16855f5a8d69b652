import { ProviderRefusal } from '../../provider.ts'
import type { Administration } from './administration.ts'
import { look } from './catalog.ts'
import { makingLogin } from './creation.ts'
import { retireLogins } from './logins.ts'
import type { Names } from './names.ts'
import type { Session } from './session.ts'

/** Makes the next credentials of an add-on, beside those that hold; while two hold, it answers the newer. */
export async function nextGeneration(session: Session, names: Names, key: Uint8Array): Promise<number> {
  const { generations, hasDatabase } = await look(session, names)
  if (!hasDatabase) throw new ProviderRefusal('There is no database whose credentials could be rotated.')
  const newest = generations.at(-1) ?? 0
  if (generations.length > 1) return newest
  await session.together(makingLogin({ key, names }, newest + 1))
  return newest + 1
}

/** Leaves an add-on nothing but its newest credentials. */
export async function retireOlder(
  administration: Administration,
  { session, names }: { session: Session; names: Names },
  signal: AbortSignal,
): Promise<void> {
  const { generations, hasDatabase } = await look(session, names)
  if (!hasDatabase) throw new ProviderRefusal('There is no database whose credentials were rotated.')
  await retireLogins({ administration, session, names }, generations.slice(0, -1), signal)
}
