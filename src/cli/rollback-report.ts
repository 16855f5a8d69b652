import type { ConfigVars, Release } from '../client/shapes.ts'

/** A release with its config vars. */
export interface Content {
  release: Pick<Release, 'version' | 'slug'>
  config: ConfigVars
}

/**
 * What a rollback from one release to another changes, a line each. Config vars are named without their values.
 * `ledger` is some of the app's newest releases, newest first: it tells which deploy a slug came with.
 */
export function rollbackReport(
  from: Content,
  to: Content,
  ledger: readonly Pick<Release, 'slug' | 'description'>[],
): string[] {
  return [`Code:    ${codeLine(from, to, ledger)}`, `Config:  ${configLine(from.config, to.config)}`]
}

type Ledger = readonly Pick<Release, 'slug' | 'description'>[]

function codeLine(from: Content, to: Content, ledger: Ledger): string {
  if (from.release.slug?.id === to.release.slug?.id) return 'stays as it is'
  return `${origin(to, ledger)} in place of ${origin(from, ledger)}`
}

function origin({ release }: Content, ledger: Ledger): string {
  if (release.slug === null) return 'no code'
  return (
    ledger.findLast(({ slug }) => slug?.id === release.slug?.id)?.description ?? `that of v${release.version}`
  )
}

function configLine(from: ConfigVars, to: ConfigVars): string {
  const has = (config: ConfigVars) => (name: string) => Object.hasOwn(config, name)
  const [before, after] = [Object.keys(from), Object.keys(to)]
  const changes = [
    ['adds', after.filter(name => !has(from)(name))],
    ['removes', before.filter(name => !has(to)(name))],
    ['changes', after.filter(name => has(from)(name) && from[name] !== to[name])],
  ] as const
  const said = changes.flatMap(([verb, names]) => (names.length > 0 ? [`${verb} ${names.join(', ')}`] : []))
  return said.length > 0 ? said.join('; ') : 'stays as it is'
}
