import type { Actor } from '../core/account.ts'
import { invalid, notFound } from '../core/errors.ts'
import type { Collaborator } from '../ledger/collaborators.ts'
import type { Ledger } from '../ledger/ledger.ts'

/** Lets another account work on an app. Adding someone who is in already changes nothing. */
export async function addCollaborator(
  ledger: Ledger,
  by: Actor,
  appId: string,
  email: string,
): Promise<Collaborator> {
  return ledger.transact(appId, async tx => {
    const account = await tx.accounts.byEmail(email)
    if (!account || account.disabledAt !== null) {
      throw invalid(
        `No account with the e-mail address ${email} exists. The owner of the platform creates accounts: tidemark accounts:create ${email}`,
      )
    }
    if (account.id === tx.app.ownerId) throw invalid(`${email} owns the app already.`)
    if (!(await tx.collaborators.includes(appId, account.id))) {
      await tx.collaborators.insert(appId, account.id)
      tx.emit(appId, 'collaborator:create', { email: account.email, user: by.email })
    }
    const added = (await tx.collaborators.list(appId)).find(candidate => candidate.account.id === account.id)
    if (!added) throw new Error(`Collaborator ${account.id} was added and is not there.`)
    return added
  })
}

/** Ends someone's access, named by e-mail address or id. */
export async function removeCollaborator(
  ledger: Ledger,
  by: Actor,
  appId: string,
  who: string,
): Promise<Collaborator> {
  return ledger.transact(appId, async tx => {
    const collaborators = await tx.collaborators.list(appId)
    const found = collaborators.find(
      ({ id, account }) => id === who || account.id === who || account.email === who.toLowerCase(),
    )
    if (!found) throw notFound('collaborator')
    await tx.collaborators.delete(found.id)
    tx.emit(appId, 'collaborator:destroy', { email: found.account.email, user: by.email })
    return found
  })
}
