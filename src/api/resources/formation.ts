import { type Static, Type } from '@sinclair/typebox'
import { type ScaleUpdate, scale } from '../../actions/scale.ts'
import type { Actor } from '../../core/account.ts'
import type { App } from '../../core/app.ts'
import { invalid, notFound } from '../../core/errors.ts'
import { type ProcessTypes, RELEASE_TYPE } from '../../core/procfile.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { appFor } from '../authorize.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { type FormationBody, presentFormation } from '../presenters/formation.ts'
import { FormationShape, FormationUpdate, FormationUpdates, TypeParams } from '../schema/formation.ts'
import { AppParams } from '../schema/shapes.ts'

type Update = Static<typeof FormationUpdate>

export function formationRoutes(api: Api, context: ApiContext): void {
  const { ledger } = context
  const many = { tags: ['formation'], params: AppParams, response: { 200: Type.Array(FormationShape) } }
  const one = { tags: ['formation'], params: TypeParams, response: { 200: FormationShape } }

  api.get(
    '/apps/:app/formation',
    { schema: { ...many, summary: 'Process types and their quantities' } },
    async request => list(ledger, await appFor(context, request, 'view')),
  )

  api.patch(
    '/apps/:app/formation',
    { schema: { ...many, summary: 'Scale process types', body: FormationUpdates } },
    async request => {
      const app = await appFor(context, request, 'operate')
      return change(ledger, { app, by: request.account }, request.body.updates)
    },
  )

  api.get(
    '/apps/:app/formation/:type',
    { schema: { ...one, summary: 'One process type' } },
    async request => {
      const rows = await list(ledger, await appFor(context, request, 'view'))
      return only(rows.filter(row => row.type === request.params.type))
    },
  )

  api.patch(
    '/apps/:app/formation/:type',
    { schema: { ...one, summary: 'Scale a process type', body: FormationUpdate } },
    async request => {
      const app = await appFor(context, request, 'operate')
      const { type } = request.params
      return only(await change(ledger, { app, by: request.account }, [{ ...request.body, type }]))
    },
  )
}

async function list(ledger: Ledger, app: App): Promise<FormationBody[]> {
  const [rows, types] = await Promise.all([ledger.read.formations.list(app.id), currentTypes(ledger, app.id)])
  return presentFormation(app, rows, types)
}

async function change(
  ledger: Ledger,
  { app, by }: { app: App; by: Actor },
  updates: readonly (Update & { type: string })[],
): Promise<FormationBody[]> {
  for (const update of updates) checkRelease(update)
  const scaled = updates.filter(update => update.type !== RELEASE_TYPE).map(scaleUpdate)
  if (scaled.length > 0) await scale(ledger, by, app.id, scaled)
  return (await list(ledger, app)).filter(row => updates.some(update => update.type === row.type))
}

/** Clients that change the size of every type name the release command too, which has no dynos of its own. */
function checkRelease({ type, quantity }: Update & { type: string }): void {
  if (type !== RELEASE_TYPE || quantity === undefined || Number(quantity) === 0) return
  throw invalid('The release command runs once for each release: it cannot be scaled.')
}

function scaleUpdate({ type, quantity, size, dyno_size }: Update & { type: string }): ScaleUpdate {
  const named = typeof dyno_size === 'object' ? dyno_size.name : dyno_size
  const asked = size ?? named
  return { type, ...(quantity !== undefined && { quantity }), ...(asked !== undefined && { size: asked }) }
}

async function currentTypes(ledger: Ledger, appId: string): Promise<ProcessTypes> {
  const current = await ledger.read.releases.current(appId)
  const artifact = current?.artifactId ? await ledger.read.artifacts.byId(current.artifactId) : undefined
  return artifact?.processTypes ?? {}
}

function only(rows: readonly FormationBody[]): FormationBody {
  const [row] = rows
  if (!row) throw notFound('process_type')
  return row
}
