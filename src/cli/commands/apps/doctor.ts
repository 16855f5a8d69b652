import type { Command } from 'commander'
import type { Check } from '../../../client/shapes.ts'
import { appOptions, jsonOption } from '../../app-options.ts'
import type { AppOptions, Session } from '../../session.ts'

const MARKS: Readonly<Record<Check['status'], string>> = { ok: 'ok   ', wrong: 'WRONG', caveat: 'note ' }

export function define(command: Command, session: Session): void {
  jsonOption(appOptions(command)).action(async (options: AppOptions & { json?: true }) => {
    const { client, app } = await session.app(options)
    const checks = await client.apps.doctor(app)
    if (options.json) session.output.json(checks)
    else session.output.print(...checks.map(({ status, sentence }) => `${MARKS[status]}  ${sentence}`))
    const faults = checks.filter(check => check.status === 'wrong').length
    if (faults > 0) throw new Error(`${app} is not as it should be: ${faults} of ${checks.length} checks.`)
  })
}
