import { Type } from '@sinclair/typebox'
import { setConfigVars } from '../../actions/set-config-vars.ts'
import { type Release, releaseCommandOf } from '../../core/release.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { appFor } from '../authorize.ts'
import type { ApiContext } from '../context.ts'
import { seenStates, showsState } from '../etag.ts'
import type { Api } from '../instance.ts'
import { AppParams, Strings } from '../schema/shapes.ts'

/** Config vars of head: what was set last, whether it runs yet or not. */
export function configVarRoutes(api: Api, context: ApiContext): void {
  const { ledger } = context
  const schema = { tags: ['config-vars'], params: AppParams, response: { 200: Strings } }

  api.get(
    '/apps/:app/config-vars',
    { schema: { ...schema, summary: 'Config vars' } },
    async (request, reply) => {
      const app = await appFor(context, request, 'view')
      const head = await ledger.read.releases.head(app.id)
      if (!head) throw new Error(`App ${app.id} has no release.`)
      showsState(reply, head.configId)
      if (head.status === 'pending') reply.header('x-heroku-warning', await pendingWarning(ledger, head))
      return ledger.read.configs.load(head.configId)
    },
  )

  api.patch(
    '/apps/:app/config-vars',
    {
      schema: {
        ...schema,
        summary: 'Set config vars, or remove them with null: one release',
        body: Type.Record(Type.String(), Type.Unknown()),
      },
    },
    async (request, reply) => {
      const app = await appFor(context, request, 'operate')
      const { release, config } = await setConfigVars(ledger, request.account, app.id, {
        patch: request.body,
        seen: seenStates(request),
        ...(request.repeatKey !== undefined && { requestId: request.repeatKey }),
      })
      if (release.status === 'pending')
        reply.header('x-heroku-warning', await pendingWarning(ledger, release))
      return config
    },
  )
}

/** Says that dynos do not have these config vars yet. */
async function pendingWarning(ledger: Ledger, release: Release): Promise<string> {
  const { version, artifactId } = release
  const artifact = artifactId === null ? undefined : await ledger.read.artifacts.byId(artifactId)
  if (releaseCommandOf(release, artifact?.processTypes ?? {}) !== null) {
    return 'Release command executing: this config change will not be available until the command succeeds. Use `heroku releases:output` to view the log.'
  }
  return `v${version} is still rolling out: dynos get this config change when it succeeds.`
}
