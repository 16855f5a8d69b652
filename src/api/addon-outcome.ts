import type { FastifyReply } from 'fastify'
import type { Addon } from '../core/addon.ts'
import { notFound } from '../core/errors.ts'
import type { Ledger } from '../ledger/ledger.ts'

/** How long a request waits for a provider: every client waits longer. */
const PATIENCE = 20_000

/** Waits until `isSettled`, or as long as a request may. Answers the add-on as it is then, and why it takes longer as a warning. */
export async function outcomeOf(
  ledger: Ledger,
  addon: Pick<Addon, 'id' | 'appId'>,
  { reply, isSettled }: { reply: FastifyReply; isSettled: (addon: Addon) => boolean },
): Promise<Addon> {
  const probe = async () => {
    const found = await ledger.read.addons.byId(addon.id)
    return found && (isSettled(found) || found.attempts > 0) ? found : undefined
  }
  const patience = AbortSignal.timeout(PATIENCE)
  const seen = await ledger.until(addon.appId, patience, probe).catch(error => {
    if (patience.aborted) return undefined
    throw error
  })
  const found = seen ?? (await ledger.read.addons.byId(addon.id))
  if (!found) throw notFound('add_on')
  if (!isSettled(found) && found.reason !== null)
    reply.header('x-heroku-warning', `${found.reason.replace(/\.$/, '')}. It is tried again.`)
  return found
}
