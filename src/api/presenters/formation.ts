import type { Static } from '@sinclair/typebox'
import type { App } from '../../core/app.ts'
import type { Dyno } from '../../core/dyno.ts'
import { DEFAULT_SIZE, type Formation } from '../../core/formation.ts'
import { derivedId } from '../../core/id.ts'
import { type ProcessTypes, RELEASE_TYPE } from '../../core/procfile.ts'
import { isoSeconds } from '../../core/time.ts'
import type { DynoShape, FormationShape } from '../schema/formation.ts'
import { appReference, named } from './app.ts'

export type FormationBody = Static<typeof FormationShape>

/** The formation with its commands. A release command is shown as clients expect it: a type that always has no dynos. */
export function presentFormation(app: App, rows: readonly Formation[], types: ProcessTypes): FormationBody[] {
  const release = types[RELEASE_TYPE] === undefined ? [] : [releaseRow(app)]
  return [...release, ...rows].map(row => ({
    id: row.id,
    app: appReference(app),
    type: row.type,
    quantity: row.quantity,
    size: row.size,
    dyno_size: named('dyno-size', row.size),
    command: types[row.type] ?? '',
    created_at: isoSeconds(row.createdAt),
    updated_at: isoSeconds(row.updatedAt),
  }))
}

export function presentDyno(app: App, dyno: Dyno): Static<typeof DynoShape> {
  return {
    id: dyno.id,
    name: dyno.name,
    type: dyno.type,
    state: dyno.state,
    size: dyno.size,
    command: dyno.command,
    attach_url: null,
    app: appReference(app),
    release: { id: dyno.releaseId, version: dyno.releaseVersion },
    created_at: isoSeconds(dyno.createdAt),
    updated_at: isoSeconds(dyno.updatedAt),
  }
}

function releaseRow(app: App): Omit<Formation, 'epoch'> {
  const id = derivedId(app.id, 'formation', RELEASE_TYPE)
  const { createdAt, updatedAt } = app
  return { id, appId: app.id, type: RELEASE_TYPE, quantity: 0, size: DEFAULT_SIZE, createdAt, updatedAt }
}
