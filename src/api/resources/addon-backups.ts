import { type Static, Type } from '@sinclair/typebox'
import { isoSeconds } from '../../core/time.ts'
import type { AddonBackup } from '../../ledger/addon-backups.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { BackupShape } from '../schema/addon.ts'
import { visibleApps } from '../visible-apps.ts'

type BackupBody = Static<typeof BackupShape>

/** What was kept of destroyed add-ons: of the apps somebody works on, and for the platform's owner of all. */
export function addonBackupRoutes(api: Api, context: ApiContext): void {
  api.get(
    '/addon-backups',
    {
      schema: {
        tags: ['add-on'],
        summary: 'What was kept of add-ons that were destroyed',
        response: { 200: Type.Array(BackupShape) },
      },
    },
    async request => {
      const { ledger } = context
      const apps = await visibleApps(ledger, request.account)
      const names = new Map(apps.map(({ id, name }) => [id, name]))
      const bodies = await Promise.all(
        (await ledger.read.addonBackups.list()).map(backup => present(context, backup, names)),
      )
      return bodies
        .filter(body => body !== undefined)
        .filter(({ app }) => names.has(app.id) || request.account.isOwner)
    },
  )
}

async function present(
  { ledger }: ApiContext,
  backup: AddonBackup,
  names: ReadonlyMap<string, string>,
): Promise<BackupBody | undefined> {
  const addon = await ledger.read.addons.byId(backup.addonId)
  if (!addon) return undefined
  return {
    id: backup.id,
    addon: { id: addon.id, name: addon.name },
    addon_service: { name: addon.service },
    plan: { name: `${addon.service}:${addon.plan}` },
    app: { id: addon.appId, name: names.get(addon.appId) ?? 'destroyed' },
    attachment_name: addon.attachment.name,
    size: backup.size,
    created_at: isoSeconds(backup.createdAt),
    expires_at: isoSeconds(backup.expiresAt),
  }
}
