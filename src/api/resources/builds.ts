import { type Static, Type } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import { failBuild } from '../../actions/fail-build.ts'
import { startBuild } from '../../actions/start-build.ts'
import type { App } from '../../core/app.ts'
import type { Build } from '../../core/build.ts'
import { notFound, UserError } from '../../core/errors.ts'
import { appFor } from '../authorize.ts'
import { parseBuildpack } from '../buildpack-ref.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { answerPage } from '../list.ts'
import { presentBuild } from '../presenters/build.ts'
import { BuildParams, BuildResultShape, BuildShape, NewBuild } from '../schema/build.ts'
import { AppParams, Empty } from '../schema/shapes.ts'
import { buildSource } from '../source-blob.ts'
import { streamUrl } from '../stream-url.ts'

type BuildBody = Static<typeof BuildShape>

const ATTRIBUTES = { id: 'text', started_at: 'date', created_at: 'date' } as const

export function buildRoutes(api: Api, context: ApiContext): void {
  startRoutes(api, context)
  readRoutes(api, context)
  api.delete(
    '/apps/:app/build-cache',
    {
      schema: {
        tags: ['build'],
        summary: 'Empty the build cache',
        params: AppParams,
        response: { 200: Empty },
      },
    },
    async request => {
      await context.purgeBuildCache((await appFor(context, request, 'deploy')).id)
      return {}
    },
  )
}

function startRoutes(api: Api, context: ApiContext): void {
  const { ledger } = context
  api.post(
    '/apps/:app/builds',
    {
      schema: {
        tags: ['build'],
        summary: 'Build a source',
        params: AppParams,
        body: NewBuild,
        response: { 201: BuildShape },
      },
    },
    async (request, reply) => {
      const app = await appFor(context, request, 'deploy')
      const refused = await context.disk.refusal()
      if (refused !== undefined) throw new UserError('service_unavailable', refused)
      const { source_blob, buildpacks } = request.body
      const build = await startBuild(ledger, request.account, app.id, {
        source: await buildSource(context, { app, by: request.account }, source_blob),
        version: source_blob.version || null,
        versionDescription: source_blob.version_description || null,
        buildpacks: (buildpacks ?? []).map(({ url, name }) =>
          parseBuildpack(url ?? name ?? '', request.account),
        ),
      })
      reply.code(201)
      return describe(context, { app, build, request })
    },
  )

  api.delete(
    '/apps/:app/builds/:build',
    {
      schema: {
        tags: ['build'],
        summary: 'Cancel a build',
        params: BuildParams,
        response: { 200: BuildShape },
      },
    },
    async request => {
      const app = await appFor(context, request, 'deploy')
      const reason = `The build was cancelled by ${request.account.email}.`
      return describe(context, {
        app,
        build: await failBuild(ledger, app.id, request.params.build, reason),
        request,
      })
    },
  )
}

function readRoutes(api: Api, context: ApiContext): void {
  const { ledger } = context
  const one = { tags: ['build'], params: BuildParams, response: { 200: BuildShape } }

  api.get(
    '/apps/:app/builds',
    {
      schema: {
        tags: ['build'],
        summary: 'Builds',
        params: AppParams,
        response: { '2xx': Type.Array(BuildShape) },
      },
    },
    async (request, reply) => {
      const app = await appFor(context, request, 'view')
      const builds = await ledger.read.builds.list(app.id, Number.MAX_SAFE_INTEGER)
      const page = answerPage({ request, reply }, builds, { attributes: ATTRIBUTES, key: buildKey })
      return Promise.all(page.map(build => describe(context, { app, build, request })))
    },
  )

  api.get('/apps/:app/builds/:build', { schema: { ...one, summary: 'One build' } }, async request => {
    const app = await appFor(context, request, 'view')
    return describe(context, { app, build: await findBuild(context, app, request.params.build), request })
  })

  api.get(
    '/apps/:app/builds/:build/result',
    {
      schema: { ...one, summary: 'How a build ended, with its output', response: { 200: BuildResultShape } },
    },
    async request => {
      const app = await appFor(context, request, 'view')
      const build = await findBuild(context, app, request.params.build)
      const { id, status, output_stream_url } = await describe(context, { app, build, request })
      const exit_code = status === 'pending' ? null : status === 'succeeded' ? 0 : 1
      return { build: { id, status, output_stream_url }, exit_code, lines: await linesOf(context, build) }
    },
  )
}

async function findBuild({ ledger }: ApiContext, app: App, id: string): Promise<Build> {
  const build = await ledger.read.builds.byId(app.id, id)
  if (!build) throw notFound('build')
  return build
}

async function describe(
  context: ApiContext,
  { app, build, request }: { app: App; build: Build; request: FastifyRequest },
): Promise<BuildBody> {
  const isOwn = build.accountId === request.account.id
  const user = isOwn ? request.account : await context.ledger.read.accounts.byId(build.accountId)
  if (!user) throw new Error(`Account ${build.accountId} of build ${build.id} is gone.`)
  const outputUrl = streamUrl(context, request, `/streams/apps/${app.id}/builds/${build.id}`)
  return presentBuild(app, build, { user, outputUrl })
}

/** The output of a build that has ended; of one that runs, output_stream_url gives it as it comes. */
async function linesOf(
  { transcripts }: ApiContext,
  build: Build,
): Promise<{ line: string; stream: string }[]> {
  if (build.status === 'pending') return []
  const output = await transcripts.read(build.id, 0, AbortSignal.timeout(30_000))
  const chunks: Buffer[] = []
  for await (const chunk of output ?? []) chunks.push(chunk)
  const lines = Buffer.concat(chunks).toString('utf8').split('\n')
  return lines.slice(0, -1).map(line => ({ line: `${line}\n`, stream: 'STDOUT' }))
}

function buildKey(build: Build, attribute: string): string {
  return attribute === 'id' ? build.id : `${new Date(build.createdAt).toISOString().slice(0, 19)}Z`
}
