import { posix } from 'node:path'
import { PathPattern } from './path-pattern.ts'

/** Says which paths of a build context a `.dockerignore` leaves out. */
export interface DockerIgnore {
  ignores(path: string): boolean
  /** Whether something below an ignored directory may be taken in again (`!…`). */
  hasExceptions: boolean
}

interface Rule {
  isException: boolean
  pattern: PathPattern
}

/**
 * Reads a `.dockerignore`. It looks like a `.gitignore` but is not: patterns count from the root, and an exception
 * reaches into a directory that an earlier line left out. The last line that matches a path, or a directory above
 * it, decides.
 */
export function parseDockerIgnore(text: string): DockerIgnore {
  const rules = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter(line => !line.startsWith('#'))
    .map(line => ruleOf(line.trim()))
    .filter(rule => rule !== undefined)
  return {
    hasExceptions: rules.some(rule => rule.isException),
    ignores(path) {
      const last = rules.findLast(({ pattern }) => pattern.covers(path))
      return last !== undefined && !last.isException
    },
  }
}

function ruleOf(line: string): Rule | undefined {
  const isException = line.startsWith('!')
  const path = cleaned(isException ? line.slice(1).trim() : line)
  return path === '' ? undefined : { isException, pattern: new PathPattern(path) }
}

/** Without what leads nowhere. A pattern that leads out of the context keeps its `..`, and so fits nothing in it. */
function cleaned(path: string): string {
  const clean = posix.normalize(path).replace(/^\/|\/$/g, '')
  return clean === '.' ? '' : clean
}
