import type { Static } from '@sinclair/typebox'
import { type RetentionChange, setRetention } from '../../actions/set-retention.ts'
import type { App } from '../../core/app.ts'
import { isoSeconds } from '../../core/time.ts'
import { appFor } from '../authorize.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { appReference } from '../presenters/app.ts'
import { RetentionPolicyBody, RetentionPolicyShape, SweepBody, SweepShape } from '../schema/retention.ts'
import { AppParams } from '../schema/shapes.ts'

/** How long an app's artifacts are kept. An extension: the Platform API has no such resource. */
export function retentionRoutes(api: Api, context: ApiContext): void {
  const { ledger, retention } = context
  const policy = { tags: ['retention'], params: AppParams, response: { 200: RetentionPolicyShape } }

  api.get(
    '/apps/:app/retention-policy',
    { schema: { ...policy, summary: "How long artifacts are kept: the app's own and what holds" } },
    async request => describePolicy(context, await appFor(context, request, 'view')),
  )

  api.patch(
    '/apps/:app/retention-policy',
    { schema: { ...policy, summary: 'Change how long artifacts are kept', body: RetentionPolicyBody } },
    async request => {
      const app = await appFor(context, request, 'operate')
      // The action checks it, and says in a sentence what is wrong.
      const change = request.body as RetentionChange
      return describePolicy(context, await setRetention(ledger, request.account, app.id, change))
    },
  )

  api.post(
    '/apps/:app/actions/sweep',
    {
      schema: {
        ...{ tags: ['retention'], summary: 'Destroy what the retention policy no longer keeps, now' },
        ...{ params: AppParams, body: SweepBody, response: { 200: SweepShape } },
      },
    },
    async request => {
      const { dry_run = false } = request.body
      const app = await appFor(context, request, dry_run ? 'view' : 'operate')
      const preview = await retention.preview(app.id)
      const bytes = dry_run ? await retention.reclaimable(preview) : (await retention.sweep(app.id)).bytes
      return {
        ...{ dry_run, bytes, policy: preview.policy, artifacts: preview.artifacts },
        releases: preview.verdicts.map(({ release, isKept, isDue, why }) => ({
          ...{ id: release.id, version: release.version, due: isDue, why },
          verdict: isKept ? ('kept' as const) : ('expired' as const),
        })),
      }
    },
  )
}

async function describePolicy(
  { retention }: ApiContext,
  app: App,
): Promise<Static<typeof RetentionPolicyShape>> {
  const { days = null, releases = null, rule = null } = app.retention
  const again = await retention.ageCountsAgainAt()
  return {
    ...{ app: appReference(app), days, releases, rule },
    effective: { ...retention.policy, ...app.retention },
    platform: retention.policy,
    age_counts: again === null,
    age_counts_again_at: again === null ? null : isoSeconds(again),
  }
}
