import type { BuildStatus } from '../core/build.ts'
import type { ReleaseStatus } from '../core/release.ts'

/** What the Platform API answers, as far as its own clients read it. Dates are ISO 8601 in UTC, whole seconds. */

export interface Account {
  id: string
  email: string
  name: string | null
  created_at: string
}

/** An account as the owner of the platform sees it. */
export interface ManagedAccount extends Account {
  is_owner?: boolean
  disabled_at?: string | null
}

/** A token; `access_token.token` is whole only in the answer that made it. */
export interface Authorization {
  id: string
  description: string
  access_token: { id: string; token: string; expires_in: number | null } | null
  user: { id: string; email: string }
  created_at: string
}

export interface App {
  id: string
  name: string
  owner: { id: string; email: string }
  git_url: string
  web_url: string | null
  maintenance: boolean
  stack: { id: string; name: string }
  repo_size: number | null
  slug_size: number | null
  created_at: string
  released_at: string | null
}

export interface Collaborator {
  id: string
  user: { id: string; email: string }
  role: string | null
}

export interface Release {
  id: string
  version: number
  description: string
  status: ReleaseStatus
  current: boolean
  eligible_for_rollback: boolean
  /** Why it failed or expired. */
  reason?: string | null
  /** Exempt from retention. */
  pinned?: boolean
  addon_plan_names: string[]
  slug: { id: string } | null
  output_stream_url: string | null
  user: { id: string; email: string }
  created_at: string
}

export type ConfigVars = Record<string, string>

export interface Formation {
  type: string
  quantity: number
  size: string
  command: string
}

export interface Dyno {
  id: string
  name: string
  type: string
  state: string
  size: string
  command: string
  release: { id: string; version: number }
  created_at: string
  updated_at: string
}

export interface Build {
  id: string
  status: BuildStatus
  output_stream_url: string
  release: { id: string } | null
  slug: { id: string } | null
  source_blob: { version?: string | null; url?: string | null }
  /** Why it failed. */
  reason?: string | null
  user: { id: string; email: string }
  created_at: string
  updated_at: string
}

export interface Source {
  source_blob: { get_url: string; put_url: string }
}

export interface BuildpackInstallation {
  ordinal: number
  buildpack: { url: string; name: string }
}

export interface LogSession {
  id: string
  logplex_url: string
}
