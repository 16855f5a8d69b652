const ESCAPES = new RegExp(
  [
    '\\x1b\\[[0-?]*[ -/]*[@-~]', // control sequences: colours, but also cursor movement and more
    '\\x1b[\\]PX^_][^\\x07\\x1b]*(?:\\x07|\\x1b\\\\|$)', // titles, links, clipboard
    '\\x1b[ -/]*[0-~]?',
  ].join('|'),
  'g',
)
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this file is about
const COLOUR = /^\x1b\[[0-9;]*m$/
/** All control characters but tab and line end, and those that reverse the direction of text. ESC is dealt with before. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this file is about
const CONTROLS = /[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g

/** `text` with nothing in it that could play tricks on a terminal; colours stay. */
export function printable(text: string): string {
  return text.replace(ESCAPES, sequence => (COLOUR.test(sequence) ? sequence : '')).replace(CONTROLS, '')
}

/** The same without colours: what is kept, and shown again elsewhere. No database takes a NUL, either. */
export function plain(text: string): string {
  return text.replace(ESCAPES, '').replace(CONTROLS, '')
}
