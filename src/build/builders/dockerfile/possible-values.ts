/** What a variable may hold, as far as that could be part of an image's name; null when nobody can tell. */
export type PossibleValues = ReadonlySet<string> | null

/** How much more may be made of a Dockerfile's variables: what takes longer than that, nobody can tell. */
export interface Effort {
  left: number
}

const NAME = String.raw`[\p{L}_][\p{L}\p{Nd}_]*|\p{Nd}+|[@*#?$!-]`
/** What stands for a variable's value, other variables included. A brace in quotes, or after an escape, would not be its end. */
const INSTEAD = String.raw`(?:[^{}$\\\x60'"]|\$[A-Za-z_]|\$\{[A-Za-z_]\w*\}|'[^{}$\\\x60'"]*'|"[^{}$\\\x60'"]*")*`
/** A piece of a word: a variable, the beginning of one that is not understood, or text. */
const PIECE = new RegExp(
  String.raw`\$\{(?<braced>${NAME})(?::?[-+?](?<instead>${INSTEAD}))?\}|(?<unclear>\$\{)|\$(?<bare>${NAME})|(?<text>[^$]+|\$)`,
  'gu',
)
/** Quotes, and what may escape a character: an engine takes them away, so they may stand in the midst of a name. */
const MARKS = /[\\`'"]/g
/** Characters: no image has a longer name. */
const MAX_LENGTH = 1000
const MAX_VALUES = 100
const NOTHING: ReadonlySet<string> = new Set([''])

/**
 * What a word of a Dockerfile may come to when its variables are put in: rather too much than too little, as it says
 * what an engine might understand. What is too long for the name of an image is left out.
 */
export function possibleValues(
  word: string,
  variables: ReadonlyMap<string, PossibleValues>,
  effort: Effort,
): PossibleValues {
  let values = NOTHING
  if (effort.left < 0) return null
  for (const { groups = {} } of word.matchAll(PIECE)) {
    if (groups.unclear !== undefined) return null
    const piece =
      groups.text === undefined ? ofVariable(groups, variables, effort) : new Set([unmarked(groups.text)])
    if (piece === null) return null
    const combinations = values.size * piece.size
    effort.left -= combinations
    if (combinations > MAX_VALUES || effort.left < 0) return null
    values = new Set([...values].flatMap(before => [...piece].map(after => before + after)).filter(isShort))
  }
  return values
}

function ofVariable(
  { braced, bare = '', instead = '' }: Readonly<Record<string, string | undefined>>,
  variables: ReadonlyMap<string, PossibleValues>,
  effort: Effort,
): PossibleValues {
  const held = variables.get(braced ?? bare)
  return either(either(held, possibleValues(instead, variables, effort)), NOTHING)
}

/** All that is in one of both. */
export function either(one: PossibleValues | undefined, other: PossibleValues): PossibleValues {
  if (one === null || other === null) return null
  const all = new Set([...(one ?? []), ...other])
  return all.size > MAX_VALUES ? null : all
}

/** A word without quotes and escapes. */
export function unmarked(text: string): string {
  return text.replace(MARKS, '')
}

function isShort({ length }: string): boolean {
  return length <= MAX_LENGTH
}
