/** Says which paths of a build context a `.dockerignore` leaves out. */
export interface DockerIgnore {
  ignores(path: string): boolean
  /** Whether something below an ignored directory may be taken in again (`!…`). */
  hasExceptions: boolean
}

interface Rule {
  isException: boolean
  pattern: RegExp
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
      const paths = withParents(path)
      const last = rules.findLast(({ pattern }) => paths.some(each => pattern.test(each)))
      return last !== undefined && !last.isException
    },
  }
}

function ruleOf(line: string): Rule | undefined {
  const isException = line.startsWith('!')
  const path = cleaned(isException ? line.slice(1).trim() : line)
  return path === '' ? undefined : { isException, pattern: expressionOf(path) }
}

/** `a`, `a/b`, `a/b/c` for `a/b/c`. */
function withParents(path: string): string[] {
  const parts = path.split('/')
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'))
}

/** Without leading and trailing slashes, `.` and `..`. */
function cleaned(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts.join('/')
}

/** `**` stands for any number of directories, `*` and `?` for what is between slashes, `[…]` for one of its characters. */
function expressionOf(path: string): RegExp {
  let source = ''
  for (let i = 0; i < path.length; i++) {
    const rest = path.slice(i)
    const set = /^\[(\^?)((?:\\.|[^\]\\])+)\]/.exec(rest)
    if (rest.startsWith('**')) {
      const isDirectories = rest.startsWith('**/')
      source += isDirectories ? '(?:.*/)?' : '.*'
      i += isDirectories ? 2 : 1
    } else if (set) {
      source += `[${set[1]}${set[2]?.replace(/[[\]]/g, '\\$&')}]`
      i += set[0].length - 1
    } else if (path[i] === '*') source += '[^/]*'
    else if (path[i] === '?') source += '[^/]'
    else if (path[i] === '\\' && i + 1 < path.length) source += literal(path[++i] ?? '')
    else source += literal(path[i] ?? '')
  }
  try {
    return new RegExp(`^${source}$`, 's')
  } catch {
    // A set that makes no sense (`[z-a]`) is taken literally.
    return new RegExp(`^${literal(path)}$`)
  }
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
