import type { Command } from 'commander'

/** A command with what a shell can complete after it. */
export interface Words {
  name: string
  summary: string
  options: readonly string[]
}

/** Every command and alias, by name. */
export function words(program: Command): Words[] {
  const found = program.commands.flatMap(command => {
    const options = [...command.options.flatMap(({ long }) => long ?? []), '--help']
    return [command.name(), ...command.aliases()].map(name => ({
      name,
      summary: command.description(),
      options,
    }))
  })
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
