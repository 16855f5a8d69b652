import type { Words } from './words.ts'

export function zshScript(commands: readonly Words[]): string {
  const described = commands.map(
    ({ name, summary }) => `    ${quoted(`${name.replaceAll(':', '\\:')}:${summary}`)}`,
  )
  const cases = commands.map(({ name, options }) => `      ${name}) compadd -- ${options.join(' ')} ;;`)
  return `#compdef tidemark
# Tidemark for zsh: tidemark completion zsh > a file named _tidemark in a directory of $fpath
_tidemark() {
  local -a commands
  commands=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
  elif [[ $PREFIX == -* ]]; then
    case $words[2] in
${cases.join('\n')}
    esac
  else
    _files
  fi
}
compdef _tidemark tidemark`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
