import type { Instruction } from './instructions.ts'

export interface FaultPlace {
  /** Path of the Dockerfile. */
  file: string
  /** The instruction at which the build ended, if it came that far. */
  instruction: Instruction | undefined
  /** Whether that is a FROM whose image is there, and has more to be done (ONBUILD), at which the build ended. */
  isTriggered: boolean
}

const STATUS = /returned a non-zero code: (\d+)/
const PARSE_FAULT = /dockerfile parse error (?:on )?line (\d+): (.*)$/is

/** Why the engine made no image, as a sentence that says where to look. */
export function buildFault(said: string, place: FaultPlace): string {
  const { file, instruction, isTriggered } = place
  const text = said.trim()
  // Lines of what the image asks for are none of this file.
  const parse = isTriggered ? null : PARSE_FAULT.exec(text)
  if (parse) return `${file} line ${parse[1]}: ${ended(parse[2] ?? '')}${hint(text)}`
  if (!instruction) return `${file} cannot be built. The Docker engine says: ${ended(text)}${hint(text)}`
  const where = `${file} line ${instruction.line}`
  const status = STATUS.exec(text)?.[1]
  if (status !== undefined)
    return `${where}: ${isTriggered ? `RUN${TRIGGERED}` : instruction.name} ended with status ${status}. What it printed is above.`
  if (isTriggered && /^(COPY|ADD) failed/.test(text))
    return `${where}: ${ended(text.replace(/^\w+/, name => name + TRIGGERED))}`
  if (isTriggered)
    return `${where}: ONBUILD of the image ${imageOf(instruction)} failed. ${ended(text)}${hint(text)}`
  if (instruction.name === 'FROM' && !/BuildKit/.test(text))
    return `${where}: the image ${imageOf(instruction)} cannot be had. ${ended(text)}`
  return `${where}: ${ended(text)}${hint(text)}`
}

/** A base image may say what is to be done in whatever is made from it. */
const TRIGGERED = ' (from ONBUILD of the image)'
export const CLASSIC =
  ' This platform builds with the classic builder of the engine: leave out what only BuildKit knows.'

function hint(text: string): string {
  return /BuildKit|unknown flag/i.test(text) ? CLASSIC : ''
}

/** `node:22` of `--platform=linux/amd64 node:22 AS build`. */
function imageOf(from: Instruction): string | undefined {
  return from.text.split(/\s+/).find(word => !word.startsWith('--'))
}

function ended(text: string): string {
  const line = text.trim().replace(/\s*\n\s*/g, ' ')
  return /[.!?]$/.test(line) ? line : `${line}.`
}
