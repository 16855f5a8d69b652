/** What a variable may hold, as far as that could be part of an image's name; null when nobody can tell. */
export type PossibleValues = ReadonlySet<string> | null

const NAME = String.raw`[\p{L}_][\p{L}\p{Nd}_]*|\p{Nd}+|[@*#?$!-]`
/** A piece of a word: a variable, the beginning of one that is not understood, or text. */
const PIECE = new RegExp(
  String.raw`\$\{(?<braced>${NAME})(?::?[-+?](?<instead>[^{}$]*))?\}|(?<unclear>\$\{)|\$(?<bare>${NAME})|(?<text>[^$]+|\$)`,
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
export function possibleValues(word: string, variables: ReadonlyMap<string, PossibleValues>): PossibleValues {
  let values = NOTHING
  for (const { groups = {} } of word.matchAll(PIECE)) {
    if (groups.unclear !== undefined) return null
    const piece = groups.text === undefined ? ofVariable(groups, variables) : new Set([plain(groups.text)])
    if (piece === null) return null
    values = new Set([...values].flatMap(before => [...piece].map(after => before + after)).filter(isShort))
    if (values.size > MAX_VALUES) return null
  }
  return values
}

function ofVariable(
  { braced, bare = '', instead = '' }: Readonly<Record<string, string | undefined>>,
  variables: ReadonlyMap<string, PossibleValues>,
): PossibleValues {
  const held = variables.get(braced ?? bare)
  return held === null ? null : new Set([...(held ?? []), plain(instead), ''])
}

function plain(text: string): string {
  return text.replace(MARKS, '')
}

function isShort({ length }: string): boolean {
  return length <= MAX_LENGTH
}
