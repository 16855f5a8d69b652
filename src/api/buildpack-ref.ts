import type { Account } from '../core/account.ts'
import type { BuildpackRef } from '../core/build.ts'
import { invalid, UserError } from '../core/errors.ts'

/** The built-in buildpacks, under our name and those by which people coming from elsewhere know them. */
const BUILT_IN = /^(?:urn:buildpack:)?(?:tidemark|heroku|heroku-community)\/(\w+)$/
const GIT_URL = /^(?:https?|git):\/\/[^\s#]+(?:#[\w./-]+)?$/
const TARBALL = /\.(?:tgz|tar\.gz|tar)$/i
const LOCAL = /^(?:file:\/\/)?\/\P{Cc}*$/u

const BUILT_INS = ['nodejs', 'static', 'procfile'] as const
export type BuiltIn = (typeof BUILT_INS)[number]

/** The built-in buildpack that `text` names, if it does. */
export function builtInName(text: string): BuiltIn | undefined {
  const named = BUILT_IN.exec(text)?.[1]
  return BUILT_INS.find(name => name === named)
}

/** Reads what somebody typed as a buildpack. Throws a sentence when it can be none, or is not theirs to use. */
export function parseBuildpack(text: string, by: Account): BuildpackRef {
  const builtIn = builtInName(text)
  if (builtIn !== undefined) return { url: `tidemark/${builtIn}`, name: `tidemark/${builtIn}` }
  if (GIT_URL.test(text)) {
    if (TARBALL.test(text))
      throw invalid(`Buildpack ${shown(text)} is an archive. Use the URL of its git repository instead.`)
    return { url: text, name: text }
  }
  if (!LOCAL.test(text)) {
    throw invalid(
      `Buildpack ${shown(text)} is unknown. Use tidemark/nodejs, tidemark/static or tidemark/procfile, or a git URL such as https://git.example.com/buildpack.git#v1`,
    )
  }
  if (!by.isOwner) {
    throw new UserError(
      'forbidden',
      'Only the owner of the platform may use a buildpack from a directory of its machine. Use a git URL.',
    )
  }
  return { url: text, name: text }
}

function shown(text: string): string {
  return JSON.stringify(text.replace(/\/\/[^/@]*@/, '//***@'))
}
