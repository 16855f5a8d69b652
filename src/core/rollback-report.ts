import { type Attachment, attached, attachmentsAfterRollback, type Supplied } from './attachment.ts'
import type { ConfigVars } from './config-vars.ts'

/** What a rollback changes, and what it leaves for a person to put right. */
export interface RollbackReport {
  /** How the code of both releases came about; null when it stays as it is. */
  code: { from: string; to: string } | null
  config: { adds: string[]; removes: string[]; changes: string[] }
  /** Config vars of add-ons that come back with another value than the add-on gives today. */
  stale: AddonVars[]
  /** Config vars that come back without the add-on or attachment they belonged to. */
  dangling: (AddonVars & { isAddonGone: boolean })[]
  /** Config vars of attachments made since, which the release lacks. */
  missing: AddonVars[]
  /** Commits that the git remote is ahead of the code gone back to; null when that cannot be said. */
  commitsAhead: number | null
  /** Versions, since the release gone back to, whose release command ran. */
  releaseCommands: number[]
}

export interface AddonVars {
  addon: string
  attachment: string
  configVars: string[]
}

export interface RollbackInput {
  from: Supplied & { code: string }
  to: Supplied & { code: string }
  isSameCode: boolean
  /** Attachments of today, and what each gives its app. */
  live: readonly { attachment: Attachment; vars: ConfigVars }[]
  /** Whether an add-on is there no more. */
  isGone: (addonId: string) => boolean
  keepsAddonConfig: boolean
  commitsAhead: number | null
  releaseCommands: readonly number[]
}

export function rollbackReport(input: RollbackInput): RollbackReport {
  const { from, to, isSameCode, keepsAddonConfig, commitsAhead, releaseCommands } = input
  const after = keepsAddonConfig ? withLive(input) : to.config
  return {
    code: isSameCode ? null : { from: from.code, to: to.code },
    config: difference(from.config, after),
    stale: keepsAddonConfig ? [] : findStale(input),
    dangling: keepsAddonConfig ? [] : findDangling(input),
    missing: keepsAddonConfig ? [] : findMissing(input),
    commitsAhead,
    releaseCommands: [...releaseCommands],
  }
}

function difference(before: ConfigVars, after: ConfigVars): RollbackReport['config'] {
  const has = (config: ConfigVars) => (name: string) => Object.hasOwn(config, name)
  const [old, now] = [Object.keys(before), Object.keys(after)]
  return {
    adds: now.filter(name => !has(before)(name)).sort(),
    removes: old.filter(name => !has(after)(name)).sort(),
    changes: now.filter(name => has(before)(name) && before[name] !== after[name]).sort(),
  }
}

/** The release's config vars with those of add-ons as they are today. */
function withLive({ to, live, from }: RollbackInput): ConfigVars {
  const strays = attachmentsAfterRollback(from.attachments, to).filter(({ isStray }) => isStray)
  const without = new Set(strays.flatMap(({ configVars }) => configVars))
  const kept = Object.entries(to.config).filter(([name]) => !without.has(name))
  return { ...Object.fromEntries(kept), ...Object.assign({}, ...live.map(({ vars }) => vars)) }
}

function findStale({ to, live }: RollbackInput): AddonVars[] {
  return live.flatMap(({ attachment, vars }) =>
    named(
      attachment,
      Object.keys(vars).filter(name => Object.hasOwn(to.config, name) && to.config[name] !== vars[name]),
    ),
  )
}

function findMissing({ to, live }: RollbackInput): AddonVars[] {
  return live.flatMap(({ attachment, vars }) =>
    named(
      attachment,
      Object.keys(vars).filter(name => !Object.hasOwn(to.config, name)),
    ),
  )
}

function findDangling({ from, to, isGone }: RollbackInput): RollbackReport['dangling'] {
  return attachmentsAfterRollback(attached(from), to)
    .filter(({ isStray }) => isStray)
    .flatMap(stray =>
      named(stray, stray.configVars).map(vars => ({ ...vars, isAddonGone: isGone(stray.addon.id) })),
    )
}

function named({ name, addon }: Attachment, configVars: readonly string[]): AddonVars[] {
  return configVars.length === 0
    ? []
    : [{ addon: addon.name, attachment: name, configVars: [...configVars].sort() }]
}

/** What a person has to see to after the rollback, a sentence each. */
export function rollbackWarnings(report: RollbackReport): string[] {
  const list = (names: readonly string[]) => names.join(', ')
  const { stale, dangling, missing, commitsAhead, releaseCommands } = report
  return [
    ...stale.map(
      ({ addon, configVars }) => `${list(configVars)} is stale: ${addon} gives another value today.`,
    ),
    ...dangling.map(({ addon, configVars, isAddonGone }) =>
      isAddonGone
        ? `${list(configVars)} is dangling: the add-on ${addon} is gone.`
        : `${list(configVars)} is dangling: ${addon} is not attached to the app any more.`,
    ),
    ...missing.map(
      ({ addon, configVars }) => `${list(configVars)} is missing: ${addon} was attached after that release.`,
    ),
    ...(stale.length + dangling.length + missing.length > 0
      ? ['To take what the add-ons give today: tidemark addons:reconcile']
      : []),
    ...(commitsAhead
      ? [`The git remote is ${commitsAhead} ${commitsAhead === 1 ? 'commit' : 'commits'} ahead.`]
      : []),
    ...(releaseCommands.length > 0
      ? [
          `Release commands ran in between, and are not undone: ${list(releaseCommands.map(version => `v${version}`))}.`,
        ]
      : []),
  ]
}
