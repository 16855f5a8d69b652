import type { Words } from './words.ts'

export function fishScript(commands: readonly Words[]): string {
  const lines = commands.flatMap(({ name, summary, options }) => [
    `complete -c tidemark -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
    ...options.map(
      option => `complete -c tidemark -n '__fish_seen_subcommand_from ${name}' -l ${option.slice(2)}`,
    ),
  ])
  return [
    '# Tidemark for fish: tidemark completion fish > ~/.config/fish/completions/tidemark.fish',
    ...lines,
  ].join('\n')
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
