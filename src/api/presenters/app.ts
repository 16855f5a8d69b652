import type { Static } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import type { Account } from '../../core/account.ts'
import type { App, AppSettings } from '../../core/app.ts'
import type { Artifact } from '../../core/artifact.ts'
import { derivedId } from '../../core/id.ts'
import { isoSeconds } from '../../core/time.ts'
import { wantsSdk } from '../accept.ts'
import { presentOwnSettings, presentSettings } from '../app-settings.ts'
import type { Addresses } from '../context.ts'
import type { AppShape } from '../schema/app.ts'

/** What an app is shown with besides itself. Sizes are null where they are too dear to be looked up. */
export interface AppSurroundings {
  owner: Pick<Account, 'id' | 'email'>
  artifact: Pick<Artifact, 'size' | 'buildpackDescription'> | null
  repositorySize: number | null
  addresses: Addresses
  /** The platform's. */
  settings: AppSettings
  request: FastifyRequest
}

export function presentApp(app: App, surroundings: AppSurroundings): Static<typeof AppShape> {
  const { owner, artifact, repositorySize, addresses, settings, request } = surroundings
  return {
    id: app.id,
    name: app.name,
    acm: false,
    archived_at: app.archivedAt === null ? null : isoSeconds(app.archivedAt),
    build_stack: named('stack', app.buildStack),
    buildpack_provided_description: artifact?.buildpackDescription ?? null,
    create_status: 'complete',
    created_at: isoSeconds(app.createdAt),
    current_build_architecture: [],
    generation: presentGeneration(request),
    git_url: `${addresses.git}/${app.name}.git`,
    internal_routing: null,
    locked: false,
    maintenance: app.maintenance,
    organization: null,
    owner: { id: owner.id, email: owner.email },
    region: REGION,
    released_at: app.releasedAt === null ? null : isoSeconds(app.releasedAt),
    repo_size: repositorySize,
    settings: presentSettings(app.settings, settings),
    own_settings: presentOwnSettings(app.settings),
    slug_size: artifact?.size ?? null,
    space: null,
    stack: named('stack', app.stack),
    team: null,
    updated_at: isoSeconds(app.updatedAt),
    web_url: webUrl(app, addresses),
  }
}

/** Where the app answers, as people type it. */
function webUrl(app: Pick<App, 'name'>, { appsDomain, routerPort }: Addresses): string {
  return `http://${app.name}.${appsDomain}${routerPort === 80 ? '' : `:${routerPort}`}/`
}

export function appReference(app: App): { id: string; name: string } {
  return { id: app.id, name: app.name }
}

/** An id for a thing that has only a name. */
export function named(kind: string, name: string): { id: string; name: string } {
  return { id: derivedId(kind, name), name }
}

/** The one region there is, by the name that clients show nothing for. */
export const REGION = named('region', 'us')

function presentGeneration(request: FastifyRequest): unknown {
  return wantsSdk(request) ? 'cedar' : named('generation', 'cedar')
}
