import { Type } from '@sinclair/typebox'
import { setBuildpacks } from '../../actions/set-buildpacks.ts'
import type { BuildpackRef } from '../../core/build.ts'
import { appFor } from '../authorize.ts'
import { parseBuildpack } from '../buildpack-ref.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { BuildpackInstallation, BuildpackUpdates } from '../schema/build.ts'
import { AppParams } from '../schema/shapes.ts'

/** The buildpacks the next build uses. */
export function buildpackRoutes(api: Api, context: ApiContext): void {
  const { ledger } = context
  const schema = {
    tags: ['buildpack'],
    params: AppParams,
    response: { 200: Type.Array(BuildpackInstallation) },
  }

  api.get(
    '/apps/:app/buildpack-installations',
    { schema: { ...schema, summary: 'Buildpacks' } },
    async request => {
      const app = await appFor(context, request, 'view')
      return (await ledger.read.buildpacks.list(app.id)).map(present)
    },
  )

  api.put(
    '/apps/:app/buildpack-installations',
    { schema: { ...schema, summary: 'Replace the buildpacks', body: BuildpackUpdates } },
    async request => {
      const app = await appFor(context, request, 'operate')
      const asked = request.body.updates.map(({ buildpack }) =>
        parseBuildpack(
          typeof buildpack === 'string' ? buildpack : (buildpack.url ?? buildpack.name ?? ''),
          request.account,
        ),
      )
      return (await setBuildpacks(ledger, request.account, app.id, asked)).map(present)
    },
  )
}

function present(buildpack: BuildpackRef, ordinal: number) {
  return { ordinal, buildpack: { url: buildpack.url, name: buildpack.name } }
}
