import { parseManifest } from '../core/addon-manifest.ts'
import type { AddonService } from '../core/addon-service.ts'
import { conflict, invalid, notFound } from '../core/errors.ts'
import { Secret } from '../core/secret.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { newToken, tokenHash } from './credentials.ts'

/**
 * Registers somebody's service by its manifest, or takes another manifest for it. Answers the secret with which it
 * exchanges grants; a new one takes the place of the old. `own` are the platform's services, whose names are taken.
 */
export async function registerService(
  ledger: Ledger,
  json: unknown,
  own: readonly AddonService[],
): Promise<{ service: AddonService; clientSecret: Secret }> {
  const { service } = parseManifest(json)
  const registered = await ledger.read.addonServices.byName(service.name)
  if (!registered && own.some(({ name, aliases }) => [name, ...aliases].includes(service.name)))
    throw invalid(`The platform has a service ${service.name} of its own. Give yours another id.`)
  const secret = newToken('tms_')
  await ledger.transactPlatform(tx =>
    tx.addonServices.save({
      name: service.name,
      manifest: JSON.stringify(json),
      clientSecretHash: tokenHash(secret),
    }),
  )
  return { service, clientSecret: new Secret(secret) }
}

/** Ends the offer of a registered service. Throws `conflict` while there are add-ons of it. */
export async function unregisterService(ledger: Ledger, name: string): Promise<void> {
  await ledger.transactPlatform(async tx => {
    if (!(await tx.addonServices.byName(name))) throw notFound('add_on_service')
    const used = (await tx.addons.list()).filter(({ service }) => service === name)
    if (used.length > 0)
      throw conflict(
        `There are add-ons of ${name}: ${used.map(addon => addon.name).join(', ')}. Destroy them first.`,
      )
    await tx.addonServices.delete(name)
  })
}
