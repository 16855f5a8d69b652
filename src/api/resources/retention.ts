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
      return dry_run ? describeNext(retention, app.id) : describeSweep(retention, app.id)
    },
  )
}

async function describeNext(
  { preview, reclaimable }: ApiContext['retention'],
  appId: string,
): Promise<Static<typeof SweepShape>> {
  const next = await preview(appId)
  const { policy, artifacts } = next
  const releases = next.verdicts.map(({ release: { id, version }, isKept, isDue, why }) => {
    return { ...{ id, version, why }, due: isDue, verdict: isKept ? ('kept' as const) : ('expired' as const) }
  })
  return { ...{ dry_run: true, policy, releases, artifacts }, bytes: await reclaimable(next) }
}

/** Sweeps first: what was to happen may not be what did, since others deploy, pin and sweep meanwhile. */
async function describeSweep(
  { preview, sweep }: ApiContext['retention'],
  appId: string,
): Promise<Static<typeof SweepShape>> {
  const { releases: ids, artifacts, bytes } = await sweep(appId)
  const expired = new Set(ids)
  const { policy, verdicts } = await preview(appId)
  const releases = verdicts.map(({ release: { id, version }, isKept, isDue, why }) => {
    const verdict = isKept || isDue ? ('kept' as const) : ('expired' as const)
    // Outside the policy only since the sweep.
    return {
      ...{ id, version, verdict },
      due: expired.has(id),
      why: isDue ? `until the next sweep: ${why}` : why,
    }
  })
  return { dry_run: false, policy, releases, artifacts, bytes }
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
