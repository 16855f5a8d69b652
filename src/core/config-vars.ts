import { invalid } from './errors.ts'

/** A full set of config vars: what a release holds. */
export type ConfigVars = Readonly<Record<string, string>>

/** What a PATCH asks for: a value sets, null removes. */
export type ConfigPatch = Readonly<Record<string, string | null>>

/** All names and values of an app together, in bytes. */
export const MAX_CONFIG_BYTES = 64 * 1024

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
const RESERVED = /^(__|HEROKU_|TIDEMARK_)/

/** Throws the sentence that says why `patch` cannot be applied, whatever it is applied to. */
export function checkPatch(patch: Readonly<Record<string, unknown>>): asserts patch is ConfigPatch {
  for (const [name, value] of Object.entries(patch)) {
    if (!NAME.test(name)) {
      throw invalid(
        `Config var name ${JSON.stringify(name)} is invalid. Use letters, digits and underscores, not beginning with a digit.`,
      )
    }
    if (RESERVED.test(name)) {
      throw invalid(
        `Config var name ${name} is reserved: names that begin with __, HEROKU_ or TIDEMARK_ are the platform's. Choose another name.`,
      )
    }
    if (value !== null && typeof value !== 'string') {
      throw invalid(`Config var ${name} must be a string, or null to remove it.`)
    }
    if (typeof value === 'string' && value.includes('\0')) {
      throw invalid(`Config var ${name} contains a NUL character, which no environment can hold.`)
    }
  }
}

/** The part of `patch` that would change `config`; empty when nothing would. */
export function effective(config: ConfigVars, patch: ConfigPatch): ConfigPatch {
  return Object.fromEntries(
    Object.entries(patch).filter(([name, value]) => (own(config, name) ?? null) !== value),
  )
}

/** `config` with `patch` applied, names sorted. Throws when the result is over {@link MAX_CONFIG_BYTES}. */
export function merge(config: ConfigVars, patch: ConfigPatch): ConfigVars {
  const merged: Record<string, string> = {}
  for (const name of [...new Set([...Object.keys(config), ...Object.keys(patch)])].sort()) {
    const value = Object.hasOwn(patch, name) ? patch[name] : own(config, name)
    if (typeof value === 'string') merged[name] = value
  }
  const bytes = configBytes(merged)
  if (bytes > MAX_CONFIG_BYTES) {
    throw invalid(
      `Config vars would take ${bytes} bytes; all names and values together may take ${MAX_CONFIG_BYTES} (64 kB). Remove some, or keep large values in a file or an add-on.`,
    )
  }
  return merged
}

/** A var may be called `constructor` or `toString`, which every object has from its prototype. */
function own(config: ConfigVars, name: string): string | undefined {
  return Object.hasOwn(config, name) ? config[name] : undefined
}

/** What {@link MAX_CONFIG_BYTES} is compared with. */
export function configBytes(config: ConfigVars): number {
  let bytes = 0
  for (const [name, value] of Object.entries(config))
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value)
  return bytes
}

/** `Config add A, B`, `Config remove A`, `Config add A, remove B`. */
export function describePatch(patch: ConfigPatch): string {
  const names = Object.keys(patch).sort()
  const added = names.filter(name => patch[name] !== null)
  const removed = names.filter(name => patch[name] === null)
  const parts: string[] = []
  if (added.length > 0) parts.push(`add ${added.join(', ')}`)
  if (removed.length > 0) parts.push(`remove ${removed.join(', ')}`)
  return `Config ${parts.join(', ')}`
}
