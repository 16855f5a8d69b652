import { LINE_END, type LogicalLine, logicalLines } from './readings.ts'

/** One instruction of a Dockerfile, in the order in which the engine counts its steps. */
export interface Instruction {
  /** Of its first line, from 1. */
  line: number
  /** `RUN`, in capitals. */
  name: string
  /** The rest, continuation lines joined. */
  text: string
}

const WORD = /^\s*(\S+)\s*(.*)$/s

/** How Docker 20.10 reads a Dockerfile, whatever continues its lines. */
const AS_OLDEST_ENGINE = { doubleContinues: false, indentsComments: true, lineEnd: LINE_END }

/** Reads a Dockerfile only as far as it takes to say which line a step of the build is. Never fails: the engine judges. */
export function instructionsOf(dockerfile: string): readonly Instruction[] {
  const reading = { ...AS_OLDEST_ENGINE, continues: escapeOf(dockerfile.split(LINE_END)) }
  return logicalLines(dockerfile, reading).map(instruction)
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

function instruction({ line, text }: LogicalLine): Instruction {
  const [, name = '', rest = ''] = WORD.exec(text) ?? []
  return { line, name: name.toUpperCase(), text: rest.trim().replace(/\s+/g, ' ') }
}

/** The character that continues a line: a directive at the top may change it. */
function escapeOf(lines: readonly string[]): '\\' | '`' {
  for (const line of lines) {
    const directive = /^#\s*(\w+)\s*=\s*(.+?)\s*$/.exec(line.trim())
    if (!directive) break
    if (directive[1]?.toLowerCase() === 'escape') return directive[2] === '`' ? '`' : '\\'
  }
  return '\\'
}
