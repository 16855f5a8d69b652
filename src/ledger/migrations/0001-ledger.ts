import type { DialectSql } from './dialect-sql.ts'

/** The ledger as it began, with the rules that code cannot be trusted to keep. */
export function ledger(sql: DialectSql): string[] {
  return [...people(sql), ...apps(sql), ...code(sql), ...releases(sql), ...running(sql), ...record(sql)]
}

function people(sql: DialectSql): string[] {
  return [
    `create table platform (id integer primary key check (id = 1), revision bigint not null, key_check ${sql.bytes})`,
    `insert into platform (id, revision) values (1, 0)`,
    `create table accounts (
       id text primary key, email text not null unique, name text, password_hash text,
       is_owner integer not null, disabled_at bigint, created_at bigint not null, updated_at bigint not null)`,
    `create table tokens (
       id text primary key, account_id text not null references accounts (id), hash text not null unique,
       description text not null, expires_at bigint, created_at bigint not null, updated_at bigint not null)`,
    `create index tokens_of_account on tokens (account_id)`,
  ]
}

function apps(sql: DialectSql): string[] {
  return [
    `create table apps (
       id text primary key, name text not null, owner_id text not null references accounts (id),
       revision bigint not null, last_version integer not null, maintenance integer not null,
       stack text not null, build_stack text not null, settings text not null, released_at bigint,
       created_at bigint not null, updated_at bigint not null, archived_at bigint)`,
    // A destroyed app stays in the ledger, and its name is free again.
    `create unique index one_app_of_a_name on apps (name) where archived_at is null`,
    `create index apps_of_owner on apps (owner_id)`,
    `create table collaborators (
       id text primary key, app_id text not null references apps (id), account_id text not null references accounts (id),
       created_at bigint not null, updated_at bigint not null, unique (app_id, account_id))`,
    `create index apps_of_collaborator on collaborators (account_id)`,
    `create table buildpack_installations (
       app_id text not null references apps (id), ordinal integer not null, url text not null, name text not null,
       primary key (app_id, ordinal))`,
    ...sql.refuseDelete({ name: 'apps_stay', table: 'apps', message: 'An app is archived, never deleted.' }),
  ]
}

function code(sql: DialectSql): string[] {
  return [
    `create table artifacts (
       id text primary key, app_id text not null references apps (id), kind text not null, digest text not null,
       size bigint not null, commit_hash text, commit_description text, process_types text not null, stack text not null,
       buildpack_description text, created_at bigint not null, deleted_at bigint)`,
    `create index artifacts_of_app on artifacts (app_id)`,
    `create index artifacts_by_digest on artifacts (digest)`,
    ...sql.refuseUpdate({
      name: 'artifacts_are_immutable',
      table: 'artifacts',
      columns: [
        'id',
        'app_id',
        'kind',
        'digest',
        'size',
        'commit_hash',
        'commit_description',
        'process_types',
        'stack',
        'buildpack_description',
        'created_at',
      ],
      when: '1 = 1',
      message: 'An artifact does not change.',
    }),
    ...sql.refuseUpdate({
      name: 'artifacts_stay_destroyed',
      table: 'artifacts',
      columns: ['deleted_at'],
      when: 'old.deleted_at is not null',
      message: 'A destroyed artifact does not come back.',
    }),
    ...sql.refuseDelete({
      name: 'artifacts_stay',
      table: 'artifacts',
      message: 'An artifact is marked as destroyed, never deleted.',
    }),
    `create table builds (
       id text primary key, app_id text not null references apps (id), account_id text not null references accounts (id),
       status text not null check (status in ('pending', 'succeeded', 'failed')), started_at bigint, source text not null,
       version text, version_description text, buildpacks text not null, artifact_id text references artifacts (id),
       release_id text, reason text, created_at bigint not null, updated_at bigint not null)`,
    `create index builds_of_app on builds (app_id, created_at)`,
    `create unique index one_running_build on builds (app_id) where status = 'pending' and started_at is not null`,
    `create index pending_builds on builds (created_at) where status = 'pending'`,
    `create table sources (
       id text primary key, account_id text not null references accounts (id), app_id text,
       received_at bigint, created_at bigint not null)`,
  ]
}

function releases(sql: DialectSql): string[] {
  return [
    `create table config_snapshots (
       id text primary key, app_id text not null references apps (id), sealed ${sql.bytes}, created_at bigint not null)`,
    `create index configs_of_app on config_snapshots (app_id)`,
    ...sql.refuseUpdate({
      name: 'configs_are_immutable',
      table: 'config_snapshots',
      columns: ['id', 'app_id', 'created_at'],
      when: '1 = 1',
      message: 'A config snapshot does not change.',
    }),
    ...sql.refuseUpdate({
      name: 'config_values_are_immutable',
      table: 'config_snapshots',
      columns: ['sealed'],
      // The values of a destroyed app are destroyed; nothing else may happen to them.
      when: 'new.sealed is not null',
      message: 'A config snapshot does not change.',
    }),
    ...sql.refuseDelete({
      name: 'configs_stay',
      table: 'config_snapshots',
      message: 'A config snapshot is never deleted; its values are destroyed with its app.',
    }),
    `create table releases (
       id text primary key, app_id text not null references apps (id), version integer not null check (version > 0),
       kind text not null, description text not null, artifact_id text references artifacts (id),
       config_id text not null references config_snapshots (id), addon_plan_names text not null,
       status text not null check (status in ('pending', 'succeeded', 'failed', 'expired')),
       current integer not null check (current in (0, 1)), reason text, waiting_change ${sql.bytes}, turn_at bigint, succeeded_at bigint,
       account_id text not null references accounts (id), request_id text,
       created_at bigint not null, updated_at bigint not null,
       unique (app_id, version),
       check (current = 0 or status = 'succeeded'),
       check (status = 'pending' or waiting_change is null))`,
    `create unique index one_current_release on releases (app_id) where current = 1`,
    `create unique index one_rollout_at_a_time on releases (app_id) where status = 'pending' and turn_at is not null`,
    `create index pending_releases on releases (app_id, version) where status = 'pending'`,
    `create unique index one_release_of_a_request on releases (app_id, account_id, request_id) where request_id is not null`,
    `create index releases_of_artifact on releases (artifact_id)`,
    ...sql.refuseUpdate({
      name: 'releases_are_identified',
      table: 'releases',
      columns: ['id', 'app_id', 'version', 'kind', 'account_id', 'request_id', 'created_at'],
      when: '1 = 1',
      message: 'A release does not change.',
    }),
    ...sql.refuseUpdate({
      name: 'releases_are_append_only',
      table: 'releases',
      columns: ['description', 'artifact_id', 'config_id', 'addon_plan_names', 'turn_at'],
      when: 'old.turn_at is not null',
      message: 'A release whose turn has come does not change.',
    }),
    ...sql.refuseUpdate({
      name: 'releases_succeed_once',
      table: 'releases',
      columns: ['succeeded_at'],
      when: 'old.succeeded_at is not null',
      message: 'A release does not change.',
    }),
    ...sql.refuseUpdate({
      name: 'release_status_moves_forward',
      table: 'releases',
      columns: ['status'],
      when: `not ((old.status = 'pending' and new.status in ('succeeded', 'failed'))
                  or (old.status in ('succeeded', 'failed') and new.status = 'expired'))`,
      message: 'The status of a release only moves forward.',
    }),
    ...sql.refuseDelete({ name: 'releases_stay', table: 'releases', message: 'A release is never deleted.' }),
  ]
}

function running(sql: DialectSql): string[] {
  return [
    `create table formation (
       id text primary key, app_id text not null references apps (id), type text not null,
       quantity integer not null check (quantity >= 0), size text not null, epoch integer not null,
       created_at bigint not null, updated_at bigint not null, unique (app_id, type))`,
    `create table slots (
       app_id text not null references apps (id), name text not null, epoch integer not null, stopped integer not null,
       release_id text, crashes integer not null, crashed_at bigint, primary key (app_id, name))`,
    `create table dynos (
       id text primary key, app_id text not null references apps (id), release_id text not null references releases (id),
       kind text not null, type text not null, number integer not null, name text not null, command text not null,
       size text not null, environment ${sql.bytes}, state text not null, exit_status integer, stop_asked integer not null,
       created_at bigint not null, updated_at bigint not null)`,
    `create index dynos_of_app on dynos (app_id)`,
  ]
}

function record(sql: DialectSql): string[] {
  return [
    `create table events (seq ${sql.sequence}, app_id text, kind text not null, data text not null, at bigint not null)`,
    `create index events_of_app on events (app_id, seq)`,
    `create table answers (
       account_id text not null, request_id text not null, fingerprint text not null, status integer not null,
       headers text not null, body ${sql.bytes} not null, created_at bigint not null,
       primary key (account_id, request_id, fingerprint))`,
    `create index answers_by_age on answers (created_at)`,
  ]
}
