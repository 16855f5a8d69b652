import type { Static } from '@sinclair/typebox'
import { invalid } from '../../core/errors.ts'
import type { Release } from '../../core/release.ts'
import { rollbackRefusal } from '../../core/rollback.ts'
import { type AddonVars, type RollbackReport, rollbackWarnings } from '../../core/rollback-report.ts'
import { appFor } from '../authorize.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { reportOn } from '../rollback-report.ts'
import { ReleaseParams } from '../schema/release.ts'
import { RollbackReportQuery, RollbackReportShape } from '../schema/rollback-report.ts'
import { findRelease } from './releases.ts'

/** What a rollback would change, unless it would be refused. */
export function rollbackReportRoutes(api: Api, context: ApiContext): void {
  api.get(
    '/apps/:app/releases/:release/rollback-report',
    {
      schema: {
        tags: ['release'],
        summary: 'What going back to a release would change, and what it would not',
        params: ReleaseParams,
        querystring: RollbackReportQuery,
        response: { 200: RollbackReportShape },
      },
    },
    async request => {
      const app = await appFor(context, request, 'view')
      const release = await findRelease(context.ledger, app.id, request.params.release)
      const refusal = rollbackRefusal(release)
      if (refusal) throw invalid(refusal)
      const keepsAddonConfig = request.query.keep_addon_config === 'true'
      return present(release, await reportOn(context, release, keepsAddonConfig))
    },
  )
}

function present({ version }: Release, report: RollbackReport): Static<typeof RollbackReportShape> {
  const vars = ({ addon, attachment, configVars }: AddonVars) => ({
    addon,
    attachment,
    config_vars: configVars,
  })
  return {
    version,
    code: report.code,
    config: report.config,
    stale: report.stale.map(vars),
    dangling: report.dangling.map(vars),
    missing: report.missing.map(vars),
    commits_ahead: report.commitsAhead,
    release_commands: report.releaseCommands,
    warnings: rollbackWarnings(report),
  }
}
