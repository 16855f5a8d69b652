import { type Static, Type } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import { cancelRelease } from '../../actions/cancel-release.ts'
import { releaseArtifact } from '../../actions/release-artifact.ts'
import { rollback } from '../../actions/rollback.ts'
import type { App } from '../../core/app.ts'
import { notFound, UserError } from '../../core/errors.ts'
import { isUuid } from '../../core/id.ts'
import type { Release } from '../../core/release.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { appFor } from '../authorize.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { describePage, type Page, pageOf, rangeOf } from '../list.ts'
import { presentRelease } from '../presenters/release.ts'
import type { Range } from '../range.ts'
import { outputUrls } from '../release-output.ts'
import { NewRelease, ReleaseParams, ReleaseQuery, ReleaseShape } from '../schema/release.ts'
import { AppParams, identityOf, Strings } from '../schema/shapes.ts'

type ReleaseBody = Static<typeof ReleaseShape>

export const RELEASE_ATTRIBUTES = { version: 'integer', id: 'text' } as const

export function releaseRoutes(api: Api, context: ApiContext): void {
  const { ledger } = context
  const one = { tags: ['release'], params: ReleaseParams, querystring: ReleaseQuery }

  api.get(
    '/apps/:app/releases',
    {
      schema: {
        tags: ['release'],
        summary: 'The ledger of an app',
        params: AppParams,
        querystring: ReleaseQuery,
        response: { '2xx': Type.Array(ReleaseShape) },
      },
    },
    async (request, reply) => {
      const app = await appFor(context, request, 'view')
      const { page, range } = await releasePage(ledger, app.id, request)
      describePage(reply, { page, range, attributes: RELEASE_ATTRIBUTES, key: releaseKey })
      return describeReleases(context, { app, releases: page.items, request })
    },
  )

  api.get(
    '/apps/:app/releases/:release',
    { schema: { ...one, summary: 'One release', response: { 200: ReleaseShape } } },
    async request => {
      const app = await appFor(context, request, 'view')
      const release = await findRelease(ledger, app.id, request.params.release)
      return describeRelease(context, { app, release, request })
    },
  )

  api.get(
    '/apps/:app/releases/:release/config-vars',
    { schema: { ...one, summary: 'Config vars of a release', response: { 200: Strings } } },
    async request => {
      const app = await appFor(context, request, 'view')
      const release = await findRelease(ledger, app.id, request.params.release)
      return ledger.read.configs.load(release.configId)
    },
  )

  appendRoute(api, context)

  api.post(
    '/apps/:app/releases/:release/actions/cancel',
    { schema: { ...one, summary: 'End a pending release', response: { 200: ReleaseShape } } },
    async request => {
      const app = await appFor(context, request, 'deploy')
      const { id } = await findRelease(ledger, app.id, request.params.release)
      const release = await cancelRelease(ledger, request.account, app.id, id)
      return describeRelease(context, { app, release, request })
    },
  )
}

function appendRoute(api: Api, context: ApiContext): void {
  api.post(
    '/apps/:app/releases',
    {
      schema: {
        tags: ['release'],
        summary: 'Roll back to a release, or release a slug',
        params: AppParams,
        body: NewRelease,
        response: { 201: ReleaseShape },
      },
    },
    async (request, reply) => {
      const app = await appFor(context, request, 'deploy')
      const release = await append(context.ledger, app, request)
      reply.code(201)
      return describeRelease(context, { app, release, request })
    },
  )
}

async function append(
  ledger: Ledger,
  app: App,
  request: Pick<FastifyRequest, 'account' | 'repeatKey'> & { body: Static<typeof NewRelease> },
): Promise<Release> {
  const { release, slug, oci_image, description = null } = request.body
  const once = request.repeatKey === undefined ? {} : { requestId: request.repeatKey }
  if (release !== undefined) {
    const target = await findRelease(ledger, app.id, identityOf(release))
    return rollback(ledger, request.account, app.id, { releaseId: target.id, ...once })
  }
  const artifact = slug ?? oci_image
  if (!artifact && description === null) {
    throw new UserError(
      'bad_request',
      'Say what to release: {"release": "<id>"} rolls back, {"slug": "<id>"} releases a slug.',
    )
  }
  const artifactId = artifact ? identityOf(artifact) : null
  return releaseArtifact(ledger, request.account, app.id, { artifactId, description, ...once })
}

/** A release by its id, its version, or its version as people write it. */
export async function findRelease(ledger: Ledger, appId: string, identity: string): Promise<Release> {
  const { releases } = ledger.read
  const version = /^v?(\d{1,9})$/i.exec(identity)?.[1]
  const byVersion = version === undefined ? undefined : await releases.byVersion(appId, Number(version))
  const release = isUuid(identity) ? await releases.byId(appId, identity) : byVersion
  if (!release) throw notFound('release')
  return release
}

export async function describeReleases(
  context: ApiContext,
  { app, releases, request }: { app: App; releases: readonly Release[]; request: FastifyRequest },
): Promise<ReleaseBody[]> {
  const urls = await outputUrls(context, { app, releases, request })
  const isExtended = (request.query as Static<typeof ReleaseQuery>).extended === 'true'
  const standby = await onStandby(context.ledger, app.id)
  return releases.map(release =>
    presentRelease(app, release, {
      outputUrl: urls.get(release.id) ?? null,
      isExtended,
      isOnStandby: standby.has(release.id),
    }),
  )
}

/** Releases whose dynos wait for traffic. */
async function onStandby(ledger: Ledger, appId: string): Promise<Set<string>> {
  const dynos = await ledger.read.dynos.list(appId)
  return new Set(dynos.flatMap(dyno => (dyno.state === 'idle' ? [dyno.releaseId] : [])))
}

export async function describeRelease(
  context: ApiContext,
  { app, release, request }: { app: App; release: Release; request: FastifyRequest },
): Promise<ReleaseBody> {
  const [body] = await describeReleases(context, { app, releases: [release], request })
  if (!body) throw new Error(`Release ${release.id} could not be shown.`)
  return body
}

/** The part of an app's ledger that a request asks for. */
export async function releasePage(
  ledger: Ledger,
  appId: string,
  request: FastifyRequest,
): Promise<{ page: Page<Release>; range: Range }> {
  const range = rangeOf(request, RELEASE_ATTRIBUTES)
  return { page: await readPage(ledger, appId, range), range }
}

async function readPage(ledger: Ledger, appId: string, range: Range): Promise<Page<Release>> {
  const { order, max, start, end } = range
  const all = { order: 'asc' as const, limit: Number.MAX_SAFE_INTEGER }
  if (range.attribute !== 'version')
    return pageOf(await ledger.read.releases.list(appId, all), range, releaseKey)
  const releases = await ledger.read.releases.list(appId, {
    order,
    limit: max + 1,
    ...(start && { from: Number(start.value) + (start.isExclusive ? 1 : 0) }),
    ...(end && { to: Number(end.value) - (end.isExclusive ? 1 : 0) }),
  })
  return { items: releases.slice(0, max), isTruncated: releases.length > max }
}

export function releaseKey(release: Release, attribute: string): string | number {
  return attribute === 'version' ? release.version : release.id
}
