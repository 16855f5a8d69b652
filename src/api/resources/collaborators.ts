import { type Static, Type } from '@sinclair/typebox'
import { addCollaborator, removeCollaborator } from '../../actions/share-app.ts'
import type { App } from '../../core/app.ts'
import { derivedId } from '../../core/id.ts'
import { isoSeconds } from '../../core/time.ts'
import type { Collaborator } from '../../ledger/collaborators.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { appFor } from '../authorize.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { appReference } from '../presenters/app.ts'
import { CollaboratorParams, CollaboratorShape, NewCollaborator } from '../schema/collaborator.ts'
import { AppParams, identityOf } from '../schema/shapes.ts'

type CollaboratorBody = Static<typeof CollaboratorShape>

export function collaboratorRoutes(api: Api, context: ApiContext): void {
  const { ledger } = context
  const tags = ['collaborator']

  api.get(
    '/apps/:app/collaborators',
    {
      schema: {
        tags,
        summary: 'Who may work on an app, its owner included',
        params: AppParams,
        response: { 200: Type.Array(CollaboratorShape) },
      },
    },
    async request => {
      const app = await appFor(context, request, 'view')
      const [owner, others] = await Promise.all([
        ownerOf(ledger, app),
        ledger.read.collaborators.list(app.id),
      ])
      return [
        present(app, owner, 'owner'),
        ...others.map(collaborator => present(app, collaborator, 'collaborator')),
      ]
    },
  )

  changeRoutes(api, context)
}

function changeRoutes(api: Api, context: ApiContext): void {
  const { ledger } = context
  const tags = ['collaborator']

  api.post(
    '/apps/:app/collaborators',
    {
      schema: {
        tags,
        summary: 'Give access',
        params: AppParams,
        body: NewCollaborator,
        response: { 201: CollaboratorShape },
      },
    },
    async (request, reply) => {
      const app = await appFor(context, request, 'share')
      const { user } = request.body
      const email = typeof user === 'object' && user.email !== undefined ? user.email : identityOf(user)
      const account = await ledger.read.accounts.byId(email)
      const added = await addCollaborator(ledger, request.account, app.id, account?.email ?? email)
      reply.code(201)
      return present(app, added, 'collaborator')
    },
  )

  api.delete(
    '/apps/:app/collaborators/:collaborator',
    {
      schema: {
        tags,
        summary: 'End access',
        params: CollaboratorParams,
        response: { 200: CollaboratorShape },
      },
    },
    async request => {
      const { account, params } = request
      const who = params.collaborator.toLowerCase()
      // Anybody may leave.
      const isOneself = who === account.email || who === account.id
      const app = await appFor(context, request, isOneself ? 'view' : 'share')
      return present(app, await removeCollaborator(ledger, account, app.id, who), 'collaborator')
    },
  )
}

async function ownerOf(ledger: Ledger, app: App): Promise<Collaborator> {
  const owner = await ledger.read.accounts.byId(app.ownerId)
  if (!owner) throw new Error(`Account ${app.ownerId}, owner of app ${app.id}, is gone.`)
  const { createdAt } = app
  return { id: derivedId(app.id, 'owner'), appId: app.id, account: owner, createdAt, updatedAt: createdAt }
}

function present(app: App, collaborator: Collaborator, role: 'owner' | 'collaborator'): CollaboratorBody {
  const { id, account, createdAt, updatedAt } = collaborator
  return {
    id,
    app: appReference(app),
    user: { id: account.id, email: account.email, federated: false },
    role,
    permissions: PERMISSIONS[role].map(name => ({ name, description: '' })),
    created_at: isoSeconds(createdAt),
    updated_at: isoSeconds(updatedAt),
  }
}

const PERMISSIONS = {
  owner: ['view', 'deploy', 'operate', 'manage'],
  collaborator: ['view', 'deploy', 'operate'],
} as const
