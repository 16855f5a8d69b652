import { join } from 'node:path'
import { parse } from 'yaml'
import { type ProcessTypes, parseProcfile } from '../../core/procfile.ts'
import { BuildFailure } from '../builder.ts'
import { readPlainFile } from '../plain-file.ts'

/** What the Procfile at the root of a finished build declares; nothing when there is none. Throws {@link BuildFailure}. */
export async function readProcfile(directory: string): Promise<ProcessTypes> {
  const text = await readPlainFile(join(directory, 'Procfile'), 64 * 1024)
  if (text === undefined) return {}
  const result = parseProcfile(text)
  if (result.ok) return result.types
  throw new BuildFailure(`Procfile line ${result.line}: ${result.reason}.`)
}

export interface ReleaseFile {
  processTypes: ProcessTypes
  /** Keys of it that this platform leaves alone. */
  ignored: readonly string[]
}

/** Reads what a buildpack's `bin/release` printed. Throws {@link BuildFailure} when it is not what it should be. */
export function parseReleaseFile(yaml: string): ReleaseFile {
  const document = parseYaml(yaml)
  if (document === null || document === undefined) return { processTypes: {}, ignored: [] }
  if (!isRecord(document)) throw new BuildFailure('bin/release of the buildpack printed no YAML mapping.')
  const { default_process_types: types, ...others } = document
  if (types !== null && types !== undefined && !isRecord(types)) {
    throw new BuildFailure(
      'bin/release of the buildpack: default_process_types is not a mapping of process types to commands.',
    )
  }
  const ignored = Object.keys(others).filter(key => !isEmpty(others[key]))
  return { processTypes: checkedTypes(types ?? {}), ignored }
}

function parseYaml(yaml: string): unknown {
  try {
    return parse(yaml, { maxAliasCount: 10 })
  } catch (error) {
    throw new BuildFailure('bin/release of the buildpack printed YAML that cannot be read.', { cause: error })
  }
}

function checkedTypes(types: Record<string, unknown>): ProcessTypes {
  const checked: Record<string, string> = {}
  for (const [type, command] of Object.entries(types)) {
    const line = parseProcfile(`${type}: ${typeof command === 'string' ? command.trim() : ''}`)
    if (!line.ok) throw new BuildFailure(`bin/release of the buildpack: ${line.reason}.`)
    Object.assign(checked, line.types)
  }
  return checked
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isEmpty(value: unknown): boolean {
  return (
    value === null || value === undefined || (typeof value === 'object' && Object.keys(value).length === 0)
  )
}
