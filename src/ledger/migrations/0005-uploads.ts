/** Slugs and images on their way in from outside. */
export function uploads(): string[] {
  return [
    `create table uploads (
       id text primary key, app_id text not null references apps (id), account_id text not null references accounts (id),
       kind text not null check (kind in ('slug', 'oci-image')), details text not null, created_at bigint not null)`,
  ]
}
