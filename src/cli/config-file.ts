import type { ConfigVars } from '../client/shapes.ts'
import { UsageError } from './errors.ts'

/**
 * Config vars as a file to edit: one `NAME=value` a line. A value that a line cannot show as it is (line breaks,
 * blanks at its ends, a quote at its start) stands in JSON quotes.
 */
export function formatConfig(config: ConfigVars): string {
  return Object.entries(config)
    .map(([name, value]) => `${name}=${needsQuotes(value) ? JSON.stringify(value) : value}\n`)
    .join('')
}

function needsQuotes(value: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line break is one of them
  return /[\u0000-\u001f\u007f]|^[\s"]|\s$/.test(value)
}

/** Reads {@link formatConfig}'s form back. Throws when a line is not of it. */
export function parseConfig(text: string): ConfigVars {
  const config: Record<string, string> = {}
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const [, name, value] = /^([^=\s]+)=(.*)$/s.exec(line) ?? []
    if (name === undefined || value === undefined) throw fault(index, 'is not of the form NAME=value')
    if (name in config) throw fault(index, `sets ${name} a second time`)
    config[name] = unquoted(value, index)
  }
  return config
}

function unquoted(value: string, index: number): string {
  if (!value.startsWith('"')) return value
  try {
    const parsed: unknown = JSON.parse(value)
    if (typeof parsed === 'string') return parsed
  } catch {
    // Said below.
  }
  throw fault(index, 'begins with a quote and is not a JSON string')
}

function fault(index: number, what: string): UsageError {
  return new UsageError(`Line ${index + 1} ${what}; nothing was changed.`)
}

/** What turns one set of config vars into another: a value sets, null removes. */
export function configPatch(from: ConfigVars, to: ConfigVars): Record<string, string | null> {
  const removed = Object.keys(from).filter(name => !Object.hasOwn(to, name))
  const changed = Object.entries(to).filter(([name, value]) => from[name] !== value)
  return { ...Object.fromEntries(removed.map(name => [name, null])), ...Object.fromEntries(changed) }
}
