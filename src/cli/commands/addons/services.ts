import type { Command } from 'commander'
import { jsonOption } from '../../app-options.ts'
import type { Session } from '../../session.ts'
import { plainTable } from '../../table.ts'

export function define(command: Command, session: Session): void {
  jsonOption(command).action(async (options: { json?: true }) => {
    const { client } = await session.platform()
    const services = await client.addons.services()
    if (options.json) return session.output.json(services)
    const rows = services.map(service => [service.name, service.human_name])
    session.output.print(...plainTable(['Service', 'Name'], rows, session.output))
  })
}
