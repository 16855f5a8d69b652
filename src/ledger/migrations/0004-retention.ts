/** What retention remembers: policies, pins, which bytes are still to be deleted, and what the clock showed. */
export function retention(): string[] {
  return [
    // JSON; what it leaves out is the platform's.
    `alter table apps add column retention text`,
    `alter table releases add column pin_reason text`,
    `alter table releases add column pin_account_id text references accounts (id)`,
    `alter table releases add column pinned_at bigint check (pinned_at is null or status <> 'expired')`,
    // Set once the bytes of a destroyed artifact are gone, or are known to be another's.
    `alter table artifacts add column collected_at bigint`,
    `create index artifacts_alive on artifacts (app_id, id) where deleted_at is null`,
    `create index artifacts_to_collect on artifacts (id) where deleted_at is not null and collected_at is null`,
    `drop index releases_of_artifact`,
    `create index releases_of_artifact on releases (artifact_id, version)`,
    `alter table platform add column clock_wall bigint`,
    `alter table platform add column clock_steady_since bigint`,
  ]
}
