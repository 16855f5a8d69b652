/** One instruction of a Dockerfile, in the order in which the engine counts its steps. */
export interface Instruction {
  /** Of its first line, from 1. */
  line: number
  /** `RUN`, in capitals. */
  name: string
  /** The rest, continuation lines joined. */
  text: string
}

const WORD = /^(\S+)\s*(.*)$/s

/** Reads a Dockerfile only as far as it takes to say which line a step of the build is. Never fails: the engine judges. */
export function instructionsOf(dockerfile: string): readonly Instruction[] {
  const lines = dockerfile.replace(/^\uFEFF/, '').split(/\r?\n/)
  const continued = escapeOf(lines) === '`' ? /`[ \t]*$/ : /\\[ \t]*$/
  const instructions: Instruction[] = []
  let open: { line: number; parts: string[] } | undefined
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim()
    // Comments and blank lines may stand between the lines of one instruction.
    if (line === '' || line.startsWith('#')) continue
    open ??= { line: index + 1, parts: [] }
    open.parts.push(raw.replace(continued, '').trim())
    if (continued.test(raw)) continue
    instructions.push(instruction(open))
    open = undefined
  }
  return open ? [...instructions, instruction(open)] : instructions
}

/** What is left of a Dockerfile when the build stops at stage `target`: a name, or a number from 0. */
export function upToStage(instructions: readonly Instruction[], target: string): readonly Instruction[] {
  const stages = instructions.flatMap(({ name }, index) => (name === 'FROM' ? [index] : []))
  const isTarget = (index: number, number: number) =>
    String(number) === target || stageName(instructions[index]) === target.toLowerCase()
  const stage = stages.findIndex(isTarget)
  return stage === -1 ? instructions : instructions.slice(0, stages[stage + 1])
}

function stageName(from: Instruction | undefined): string | undefined {
  return / as (\S+)$/i.exec(from?.text ?? '')?.[1]?.toLowerCase()
}

/** Names that an ARG instruction declares: the engine complains about arguments that no instruction asks for. */
export function declaredArguments(instructions: readonly Instruction[]): ReadonlySet<string> {
  const words = instructions.filter(({ name }) => name === 'ARG').flatMap(({ text }) => text.split(/\s+/))
  return new Set(words.map(word => word.split('=', 1)[0] ?? ''))
}

/** Whether the last stage itself says what its image runs, rather than the image it is made from. */
export function saysWhatToRun(instructions: readonly Instruction[]): boolean {
  const last = instructions.findLastIndex(({ name }) => name === 'FROM')
  return instructions.slice(last + 1).some(({ name }) => name === 'CMD' || name === 'ENTRYPOINT')
}

function instruction({ line, parts }: { line: number; parts: readonly string[] }): Instruction {
  const [, name = '', text = ''] = WORD.exec(parts.join(' ')) ?? []
  return { line, name: name.toUpperCase(), text: text.trim() }
}

/** The character that continues a line: a directive at the top may change it. */
function escapeOf(lines: readonly string[]): string {
  for (const line of lines) {
    const directive = /^#\s*(\w+)\s*=\s*(.+?)\s*$/.exec(line.trim())
    if (!directive) return '\\'
    if (directive[1]?.toLowerCase() === 'escape') return directive[2] ?? '\\'
  }
  return '\\'
}
