import type { DialectSql } from './dialect-sql.ts'

/** Add-ons, and the attachments of a release. */
export function addons(sql: DialectSql): string[] {
  return [...resources(sql), ...partners(sql), ...releases(sql)]
}

function resources(sql: DialectSql): string[] {
  return [
    `create table addons (
       id text primary key, name text not null, app_id text not null references apps (id),
       account_id text not null references accounts (id), service text not null, plan text not null, wanted_plan text,
       wanted_by text references accounts (id), prefix text not null, provider_id text,
       state text not null check (state in ('provisioning', 'provisioned', 'deprovisioning', 'deprovisioned')),
       attachment_id text not null, attachment_name text not null, options text not null, backup_id text,
       config ${sql.bytes}, message text, reason text, attempts integer not null, next_attempt_at bigint,
       rotation text not null check (rotation in ('none', 'gentle', 'forced')), generation integer not null,
       created_at bigint not null, updated_at bigint not null)`,
    `create unique index one_addon_of_a_name on addons (name) where state <> 'deprovisioned'`,
    `create index addons_of_app on addons (app_id)`,
    // What its provider still has to do, or has to be asked about.
    `create index addons_at_work on addons (id)
     where state in ('provisioning', 'deprovisioning') or wanted_plan is not null or rotation <> 'none'`,
    `create table addon_attachments (
       id text primary key, app_id text not null references apps (id), addon_id text not null references addons (id),
       name text not null, created_at bigint not null)`,
    `create index attachments_of_app on addon_attachments (app_id)`,
    `create index attachments_of_addon on addon_attachments (addon_id)`,
    // Changes of an add-on that an app has no release for yet.
    `create table addon_changes (
       id text primary key, addon_id text not null references addons (id), app_id text not null references apps (id),
       kind text not null check (kind in ('update', 'plan', 'detach')), account_id text not null references accounts (id),
       created_at bigint not null)`,
    `create table addon_backups (
       id text primary key, addon_id text not null references addons (id), place text not null, size bigint not null,
       created_at bigint not null, expires_at bigint not null, deleted_at bigint)`,
    `create index backups_of_addon on addon_backups (addon_id)`,
  ]
}

function partners(sql: DialectSql): string[] {
  return [
    `create table addon_services (
       id text primary key, name text not null unique, manifest ${sql.bytes} not null, client_secret_hash text not null,
       created_at bigint not null, updated_at bigint not null)`,
    `create table addon_grants (
       hash text primary key, addon_id text not null references addons (id),
       kind text not null check (kind in ('code', 'access', 'refresh')), expires_at bigint not null,
       created_at bigint not null)`,
    `create index grants_of_addon on addon_grants (addon_id)`,
  ]
}

function releases(sql: DialectSql): string[] {
  return [
    `alter table releases add column attachments text not null default '[]'`,
    ...sql.dropRule({ name: 'releases_are_append_only', table: 'releases' }),
    ...sql.refuseUpdate({
      name: 'releases_are_final',
      table: 'releases',
      columns: ['description', 'artifact_id', 'config_id', 'addon_plan_names', 'attachments', 'turn_at'],
      when: `old.turn_at is not null or old.status <> 'pending'`,
      message: 'A release whose turn has come does not change.',
    }),
  ]
}
