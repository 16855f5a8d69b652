import type { Supply } from './addon.ts'
import type { Attachment } from './attachment.ts'
import type { ConfigPatch, ConfigVars } from './config-vars.ts'

/** What a release makes an app be. */
export interface ReleaseContent {
  artifactId: string | null
  config: ConfigVars
  attachments: readonly Attachment[]
}

/** What somebody wants changed. */
export type Change =
  | { kind: 'initial' }
  /** A build's result. `label` is a commit hash or the version its uploader gave. */
  | { kind: 'deploy'; artifactId: string; label: string | null }
  /** An artifact released by itself, with a description of the caller's own. */
  | { kind: 'artifact'; artifactId: string; description: string }
  /** All that was asked for, also what is so already: a release before it may fail, and take that along. */
  | { kind: 'config'; patch: ConfigPatch }
  /** With `live` the config vars of add-ons are today's instead of those of the release gone back to. */
  | { kind: 'rollback'; version: number; content: ReleaseContent; live?: readonly Supply[] }
  | { kind: 'retry'; version: number; description: string; artifactId: string | null }
  /** An add-on is linked to the app, in place of one of the same name; `vars` are none while it is being provisioned. */
  | { kind: 'attach'; attachment: Attachment; vars: ConfigVars }
  | { kind: 'detach'; attachments: readonly Attachment[] }
  /** An add-on is there at last. Its first attachment is made again where the release that made it has failed. */
  | { kind: 'provision'; attachment: Attachment; supply: Supply }
  /** The provider of an add-on gave it other config vars. */
  | { kind: 'addon-update'; supply: Supply }
  | { kind: 'addon-plan'; supply: Supply }
  /** The config vars of add-ons become what their providers give today; `attachments` were lost and are made again. */
  | { kind: 'addon-reconcile'; attachments: readonly Attachment[]; supplies: readonly Supply[] }
