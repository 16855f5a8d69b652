import type { Instruction } from './instructions.ts'

export interface FaultPlace {
  /** Path of the Dockerfile. */
  file: string
  /** The instruction at which the build ended, if it came that far. */
  instruction: Instruction | undefined
}

const STATUS = /returned a non-zero code: (\d+)/
const PARSE_FAULT = /dockerfile parse error (?:on )?line (\d+): (.*)$/is

/** Why the engine made no image, as a sentence that says where to look. */
export function buildFault(said: string, { file, instruction }: FaultPlace): string {
  const text = said.trim()
  const parse = PARSE_FAULT.exec(text)
  if (parse) return `${file} line ${parse[1]}: ${ended(parse[2] ?? '')}${hint(text)}`
  if (!instruction) return `${file} cannot be built. The Docker engine says: ${ended(text)}${hint(text)}`
  const where = `${file} line ${instruction.line}`
  const status = STATUS.exec(text)?.[1]
  if (status !== undefined)
    return `${where}: ${instruction.name} ended with status ${status}. What it printed is above.`
  if (instruction.name === 'FROM' && !/BuildKit/.test(text))
    return `${where}: the image ${instruction.text.split(/\s+/)[0]} cannot be had. ${ended(text)}`
  return `${where}: ${ended(text)}${hint(text)}`
}

function hint(text: string): string {
  return /BuildKit/.test(text)
    ? ' This platform builds with the classic builder of the engine: leave out what only BuildKit knows.'
    : ''
}

function ended(text: string): string {
  const line = text.trim().replace(/\s*\n\s*/g, ' ')
  return /[.!?]$/.test(line) ? line : `${line}.`
}
