import type { Words } from './words.ts'

/** Completes commands, then options. bash breaks words at colons, so the part before the last one is cut off. */
export function bashScript(commands: readonly Words[]): string {
  const cases = commands.map(({ name, options }) => `    ${name}) words="${options.join(' ')}" ;;`)
  return `# Tidemark for bash: tidemark completion bash > ~/.local/share/bash-completion/completions/tidemark
_tidemark() {
  local line="\${COMP_LINE:0:COMP_POINT}" words current
  local -a typed
  read -ra typed <<< "$line"
  [[ $line == *' ' ]] && typed+=('')
  current="\${typed[-1]}"
  case "\${#typed[@]}:\${typed[1]}" in
    1:* | 2:*) words="${commands.map(({ name }) => name).join(' ')}" ;;
    *) words="$(_tidemark_options "\${typed[1]}")" ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then
    COMPREPLY=("\${COMPREPLY[@]#"\${current%:*}:"}")
  fi
}
_tidemark_options() {
  local words=''
  case "$1" in
${cases.join('\n')}
  esac
  printf '%s' "$words"
}
complete -o default -F _tidemark tidemark`
}
