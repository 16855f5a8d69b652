import type { WantedDyno } from '../core/desired.ts'
import type { AppView } from './desired.ts'
import type { DynoSpec } from './driver.ts'
import { dynoEnvironment } from './environment.ts'
import { fingerprintOf } from './fingerprint.ts'

/** Everything a driver needs to start `dyno` of an app. */
export function dynoSpec(dyno: WantedDyno, view: AppView): DynoSpec {
  const run = view.releases.get(dyno.releaseId)
  if (!run) throw new Error(`Release ${dyno.releaseId} of ${dyno.name} has no artifact to run.`)
  const extra = view.oneOffs.find(oneOff => oneOff.id === dyno.id)?.environment ?? {}
  const { id, releaseId, kind, name, type, number, command, size } = dyno
  return {
    ...{ id, releaseId, kind, name, type, number, command, size },
    appId: view.app.id,
    appName: view.app.name,
    image: run.artifact.digest,
    fingerprint: fingerprintOf(run, command),
    environment: dynoEnvironment(dyno, { app: view.app, ...run, config: { ...run.config, ...extra } }),
    listens: kind === 'formation' && type === 'web',
  }
}
