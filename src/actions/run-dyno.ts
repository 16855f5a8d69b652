import type { Actor } from '../core/account.ts'
import { checkPatch } from '../core/config-vars.ts'
import { type Dyno, dynoName } from '../core/dyno.ts'
import { conflict, invalid } from '../core/errors.ts'
import { DEFAULT_SIZE, knownSize } from '../core/formation.ts'
import type { AppTransaction, Ledger } from '../ledger/ledger.ts'

export interface RunRequest {
  command: string
  environment: Readonly<Record<string, string>>
  size?: string
  /** Part of the dyno's name, `run` unless said otherwise. */
  type?: string
}

/** Asks for a one-off dyno on the current release. Throws `conflict` while the app has no code. */
export async function runDyno(ledger: Ledger, by: Actor, appId: string, request: RunRequest): Promise<Dyno> {
  if (request.command.trim() === '')
    throw invalid('No command was given. Say what to run, for example: node --version')
  const type = request.type ?? 'run'
  if (!/^[A-Za-z0-9_-]{1,30}$/.test(type))
    throw invalid(`Dyno type ${JSON.stringify(type)} is invalid. Use letters, digits, - and _.`)
  checkPatch(request.environment)
  return ledger.transact(appId, async tx => {
    const release = await tx.releases.current(appId)
    if (!release?.artifactId)
      throw conflict('The app has no code yet, so there is nothing to run. Deploy it first.')
    const number = await freeNumber(tx, type)
    const artifact = await tx.artifacts.byId(release.artifactId)
    const dyno = {
      id: tx.newId(),
      appId,
      releaseId: release.id,
      kind: 'run' as const,
      type,
      number,
      name: dynoName(type, number),
      command: withArguments(request.command, artifact?.processTypes ?? {}),
      size: request.size === undefined ? DEFAULT_SIZE : knownSize(request.size),
      state: 'starting' as const,
    }
    await tx.dynos.insert(dyno, request.environment)
    tx.emit(appId, 'dyno:create', { id: dyno.id, name: dyno.name, command: request.command, user: by.email })
    return {
      ...dyno,
      releaseVersion: release.version,
      exitStatus: null,
      createdAt: tx.now,
      updatedAt: tx.now,
    }
  })
}

/** `run worker 42` means the command of the process type `worker`, with 42 after it. */
function withArguments(command: string, types: Readonly<Record<string, string>>): string {
  const [, first = '', rest = ''] = /^(\S+)(.*)$/s.exec(command.trim()) ?? []
  return Object.hasOwn(types, first) ? `${types[first]}${rest}` : command
}

/** Four digits, as one-off dynos have, derived from a fresh id so that nothing random is needed here. */
async function freeNumber(tx: AppTransaction, type: string): Promise<number> {
  const taken = new Set(
    (await tx.dynos.list(tx.app.id)).filter(dyno => dyno.type === type).map(dyno => dyno.number),
  )
  let number = 1000 + (Number.parseInt(tx.newId().slice(0, 8), 16) % 9000)
  while (taken.has(number)) number = number === 9999 ? 1000 : number + 1
  return number
}
