import { posix } from 'node:path'

/** A source file: its path below `src`, as `core/release.ts`, and its text. */
export interface SourceFile {
  path: string
  text: string
}

export interface Import {
  /** The path below `src` of the file that imports. */
  from: string
  /** A path below `src`, or the name of a package: `kysely`, `node:crypto`. */
  to: string
  isPackage: boolean
  isTypeOnly: boolean
  /** Loaded only when the line is reached. */
  isDynamic: boolean
}

const STATEMENT =
  /(?:^|[;}\n])\s*(import|export)\s+(type\s)?(?:[\w$*{}\s,]*?\sfrom\s+|[\w$*{},\s]*\}\s*from\s+)?(['"])([^'"\n]+)\3/g
const CALL = /\bimport\s*\(\s*(?:(['"])([^'"\n]+)\1|([^)]*))/g

/** Every import of a file: statements, re-exports, `import type`, dynamic ones and types written `import('…')`. */
export function importsOf({ path, text }: SourceFile): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  const statements = [...code.matchAll(STATEMENT)].map(([, , type, , to = '']) =>
    resolve(path, to, { isTypeOnly: type !== undefined, isDynamic: false }),
  )
  const calls = [...code.matchAll(CALL)].map(([, , to, computed]) =>
    resolve(path, to ?? `computed: ${computed}`, { isTypeOnly: false, isDynamic: true }),
  )
  return [...statements, ...calls]
}

function resolve(from: string, to: string, how: Pick<Import, 'isTypeOnly' | 'isDynamic'>): Import {
  if (!to.startsWith('.')) return { ...how, from, to, isPackage: true }
  return { ...how, from, to: posix.normalize(posix.join(posix.dirname(from), to)), isPackage: false }
}

/** What files whose path matches `files` may import from below `src`; the first wall that matches counts. */
export interface Wall {
  files: RegExp
  may: RegExp
  /** Packages that may be imported; any when left out. */
  packages?: RegExp
  /** Folders of which only types may be imported. */
  typesOnly?: RegExp
}

/** Sentences about imports that go through a wall. */
export function breaches(files: readonly SourceFile[], walls: readonly Wall[]): string[] {
  return files.flatMap(file => {
    const wall = walls.find(candidate => candidate.files.test(file.path))
    if (!wall) return [`${file.path} is behind no wall: name its folder in test/architecture.test.ts.`]
    return importsOf(file).flatMap(found => breach(found, wall) ?? [])
  })
}

function breach({ from, to, isPackage, isTypeOnly }: Import, wall: Wall): string | undefined {
  if (to.startsWith('computed: ')) return `${from} imports what only running it can tell (${to}).`
  if (isPackage)
    return !wall.packages || wall.packages.test(to) ? undefined : `${from} must not import the package ${to}.`
  if (wall.typesOnly?.test(to)) return isTypeOnly ? undefined : `${from} may import only types from ${to}.`
  return wall.may.test(to) ? undefined : `${from} must not import ${to}.`
}

/** Each circle of files that import one another, types included. What is loaded later closes no circle. */
export function cycles(files: readonly SourceFile[]): string[][] {
  const targets = new Map(
    files.map(file => {
      const loaded = importsOf(file).filter(found => !found.isDynamic)
      return [file.path, loaded.map(found => found.to)]
    }),
  )
  const path: string[] = []
  const done = new Set<string>()
  const found: string[][] = []
  for (const file of files) visit(file.path)
  return found

  function visit(file: string): void {
    const at = path.indexOf(file)
    if (at >= 0) found.push([...path.slice(at), file])
    if (at >= 0 || done.has(file)) return
    path.push(file)
    for (const target of targets.get(file) ?? []) if (targets.has(target)) visit(target)
    path.pop()
    done.add(file)
  }
}

// An add-on service is a noun of the Platform API, addons:services a command.
const EMPTY_NAME = /(^|(?<!\/addons)\/|\.|(?<!\baddon)-)(utils?|helpers?|managers?|services?|common)([/.-]|$)/

/** Paths whose names say nothing about what is inside. */
export function emptyNames(paths: readonly string[]): string[] {
  return paths.filter(path => EMPTY_NAME.test(path))
}
