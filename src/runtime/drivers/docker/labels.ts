import type { DynoKind } from '../../../core/dyno.ts'
import type { Instant } from '../../../core/time.ts'
import { PLATFORM_LABEL } from '../../../docker/engine.ts'
import type { DynoSpec, ObservedDyno } from '../../driver.ts'

/** On containers: which dyno it is, if its name says so, too. What lacks it is none. */
export const DYNO_LABEL = 'tidemark.dyno'
export const APP_LABEL = 'tidemark.app'

/** What a container's labels say of its dyno; no config var is ever among them. */
export type Labelled = Pick<
  ObservedDyno,
  'id' | 'appId' | 'releaseId' | 'kind' | 'name' | 'type' | 'number' | 'fingerprint' | 'startedAt'
> & { listens: boolean; size: string }

/** The labels by which a dyno is known again, with nothing but the engine to ask. */
export function dynoLabels(spec: DynoSpec, platform: string, startedAt: Instant): Record<string, string> {
  return {
    [PLATFORM_LABEL]: platform,
    [DYNO_LABEL]: spec.id,
    [APP_LABEL]: spec.appId,
    'tidemark.app-name': spec.appName,
    'tidemark.release': spec.releaseId,
    'tidemark.kind': spec.kind,
    'tidemark.name': spec.name,
    'tidemark.type': spec.type,
    'tidemark.number': String(spec.number),
    'tidemark.fingerprint': spec.fingerprint,
    'tidemark.size': spec.size,
    'tidemark.listens': String(spec.listens),
    'tidemark.started-at': String(startedAt),
  }
}

/** The dyno that {@link dynoLabels} wrote down. */
export function readLabels(labels: Readonly<Record<string, string>>): Labelled {
  const text = (name: string) => labels[name] ?? ''
  return {
    id: text(DYNO_LABEL),
    appId: text(APP_LABEL),
    releaseId: text('tidemark.release'),
    kind: text('tidemark.kind') as DynoKind,
    name: text('tidemark.name'),
    type: text('tidemark.type'),
    number: Number(text('tidemark.number')),
    fingerprint: text('tidemark.fingerprint'),
    size: text('tidemark.size'),
    listens: text('tidemark.listens') === 'true',
    startedAt: Number(text('tidemark.started-at')),
  }
}
