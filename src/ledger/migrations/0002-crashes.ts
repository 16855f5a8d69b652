/** Crashes are counted while a release is watched: without reading all that ever happened to its app. */
export function crashes(): string[] {
  return [`create index crashes on events (app_id, at) where kind = 'dyno:crash'`]
}
