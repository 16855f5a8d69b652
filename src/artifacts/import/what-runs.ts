import { type ProcessTypes, parseProcfile } from '../../core/procfile.ts'
import { LABELS } from '../image.ts'
import { ImageRefused, type ImportedImage } from '../store.ts'
import type { ConfigDocument, ManifestDocument } from './documents.ts'

/** What an image says of how it is to be run. */
export type WhatRuns = Omit<ImportedImage, 'digest' | 'size' | 'layers' | 'hasApp'>

export function whatRuns(manifest: ManifestDocument, config: ConfigDocument): WhatRuns {
  const { labels, environment, workingDirectory, user } = config
  const own = labels[LABELS.processTypes]
  const command = [...config.entrypoint, ...config.command].map(quoted).join(' ')
  for (const variable of environment) checkVariable(variable)
  return {
    processTypes: own !== undefined ? parseProcessTypes(own) : command === '' ? {} : { web: command },
    stack: printable(labels[LABELS.stack]),
    commit: printable(manifest.commit ?? labels[LABELS.commit]),
    workingDirectory,
    environment,
    user,
  }
}

/** Our own label: an object of command lines, under the rules of a Procfile. */
function parseProcessTypes(label: string): ProcessTypes {
  try {
    const types: unknown = JSON.parse(label)
    if (typeof types !== 'object' || types === null || Array.isArray(types)) throw new Error('no object')
    for (const [type, command] of Object.entries(types)) {
      if (typeof command !== 'string' || /[\r\n]/.test(type)) throw new Error('no command line')
      const line = parseProcfile(`${type}: ${command.replace(/[\r\n]+/g, ' ')}`)
      if (!line.ok || !Object.hasOwn(line.types, type)) throw new Error('no process type')
    }
    return types as ProcessTypes
  } catch (cause) {
    throw new ImageRefused(
      `The image's label ${LABELS.processTypes} does not say what runs in it: expected a JSON object of process types and their command lines.`,
      { cause },
    )
  }
}

function checkVariable(variable: string): void {
  if (variable.indexOf('=') < 1)
    throw new ImageRefused(
      'The image sets an environment variable that is no NAME=value. Build it with another ENV.',
    )
}

/** One word of a command line. */
function quoted(word: string): string {
  return /^[\w/:=.,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** What can stand in a line of a table; anything else is as good as nothing. */
function printable(text: string | null | undefined): string | null {
  return text && /^[^\p{Cc}\p{Cf}]{1,200}$/u.test(text) ? text : null
}
