import type { Command } from 'commander'
import type { Session } from './session.ts'

interface CommandModule {
  /** Adds the arguments, options and action to a command that has its name and summary already. */
  define(command: Command, session: Session): void
}

export interface Entry {
  name: string
  aliases?: readonly string[]
  /** The heading it stands under in the help. */
  group: string
  summary: string
  load: () => Promise<CommandModule>
}

type Commands = Readonly<
  Record<string, readonly [summary: string, load: Entry['load'], ...aliases: string[]]>
>

const RELEASES: Commands = {
  releases: ['list the releases of an app, the newest first', () => import('./commands/releases/list.ts')],
  'releases:info': ['show one release', () => import('./commands/releases/info.ts')],
  'releases:output': ['print what a release command said', () => import('./commands/releases/output.ts')],
  'releases:retry': ['release the code of a release again', () => import('./commands/releases/retry.ts')],
  'releases:pin': ['keep the code of a release', () => import('./commands/releases/pin.ts')],
  'releases:unpin': ['let a release expire again', () => import('./commands/releases/unpin.ts')],
  retention: [
    'show how long releases are kept, and what expires next',
    () => import('./commands/retention/show.ts'),
  ],
  'retention:set': ['change how long releases are kept', () => import('./commands/retention/set.ts')],
  'retention:sweep': [
    'destroy what is no longer to be kept, now',
    () => import('./commands/retention/sweep.ts'),
  ],
  'releases:cancel': ['end a release that is pending', () => import('./commands/releases/cancel.ts')],
  rollback: [
    'go back to an earlier release',
    () => import('./commands/releases/rollback.ts'),
    'releases:rollback',
  ],
}

const APPS: Commands = {
  apps: ['list your apps', () => import('./commands/apps/list.ts')],
  'apps:create': ['create an app', () => import('./commands/apps/create.ts'), 'create'],
  'apps:info': ['show an app', () => import('./commands/apps/info.ts'), 'info'],
  'apps:settings': ['show or change the time limits of an app', () => import('./commands/apps/settings.ts')],
  'apps:rename': ['give an app another name', () => import('./commands/apps/rename.ts')],
  'apps:doctor': ['compare what runs with what should', () => import('./commands/apps/doctor.ts')],
  'apps:destroy': ['destroy an app', () => import('./commands/apps/destroy.ts'), 'destroy'],
  'git:remote': ['add a git remote for an app', () => import('./commands/git/remote.ts')],
  maintenance: ['say whether an app is in maintenance mode', () => import('./commands/maintenance/show.ts')],
  'maintenance:on': ['put an app into maintenance mode', () => import('./commands/maintenance/on.ts')],
  'maintenance:off': ['take an app out of maintenance mode', () => import('./commands/maintenance/off.ts')],
  open: ['open an app in the browser', () => import('./commands/apps/open.ts')],
  access: ['list who may work on an app', () => import('./commands/access/list.ts')],
  'access:add': ['let someone work on an app', () => import('./commands/access/add.ts')],
  'access:remove': ["end someone's access to an app", () => import('./commands/access/remove.ts')],
}

const CONFIG: Commands = {
  config: ['list config vars', () => import('./commands/config/list.ts')],
  'config:get': ['print the values of config vars', () => import('./commands/config/get.ts')],
  'config:set': ['set config vars, in one release', () => import('./commands/config/set.ts'), 'config:add'],
  'config:unset': [
    'remove config vars, in one release',
    () => import('./commands/config/unset.ts'),
    'config:remove',
  ],
  'config:edit': ['edit config vars in an editor, in one release', () => import('./commands/config/edit.ts')],
}

const ADDONS: Commands = {
  addons: ['list the add-ons of an app', () => import('./commands/addons/list.ts')],
  'addons:create': ['create an add-on', () => import('./commands/addons/create.ts'), 'addons:add'],
  'addons:destroy': ['destroy an add-on', () => import('./commands/addons/destroy.ts'), 'addons:remove'],
  'addons:attach': ['attach an add-on to an app', () => import('./commands/addons/attach.ts')],
  'addons:detach': ['detach an add-on from an app', () => import('./commands/addons/detach.ts')],
  'addons:info': ['show an add-on', () => import('./commands/addons/info.ts')],
  'addons:open': ['open the page of an add-on', () => import('./commands/addons/open.ts')],
  'addons:rename': ['give an add-on another name', () => import('./commands/addons/rename.ts')],
  'addons:upgrade': [
    'change the plan of an add-on',
    () => import('./commands/addons/upgrade.ts'),
    'addons:downgrade',
  ],
  'addons:rotate': ['give an add-on other credentials', () => import('./commands/addons/rotate.ts')],
  'addons:reconcile': [
    'take what the add-ons give today, after a rollback say',
    () => import('./commands/addons/reconcile.ts'),
  ],
  'addons:wait': ['wait until an add-on is created', () => import('./commands/addons/wait.ts')],
  'addons:services': ['list the services there are', () => import('./commands/addons/services.ts')],
  'addons:plans': ['list the plans of a service', () => import('./commands/addons/plans.ts')],
  'addons:backups': ['list what is kept of destroyed add-ons', () => import('./commands/addons/backups.ts')],
  'addons:restore': ['create an add-on from what was kept', () => import('./commands/addons/restore.ts')],
  'addons:register': [
    "offer somebody's service, by its manifest",
    () => import('./commands/addons/register.ts'),
  ],
  'addons:unregister': ['end the offer of a service', () => import('./commands/addons/unregister.ts')],
  'addons:orphans': [
    'list what providers have not taken away yet',
    () => import('./commands/addons/orphans.ts'),
  ],
}

const DYNOS: Commands = {
  ps: ['list the dynos of an app', () => import('./commands/ps/list.ts')],
  'ps:scale': ['show or change how many dynos run', () => import('./commands/ps/scale.ts')],
  'ps:restart': ['restart dynos', () => import('./commands/ps/restart.ts'), 'restart'],
  'ps:stop': ['stop dynos', () => import('./commands/ps/stop.ts')],
  'run:detached': ['run a command in a dyno of its own', () => import('./commands/run/detached.ts')],
  logs: ['show the log of an app', () => import('./commands/logs/show.ts')],
}

const BUILDS: Commands = {
  builds: ['list the builds of an app, the newest first', () => import('./commands/builds/list.ts')],
  'builds:info': ['show one build', () => import('./commands/builds/info.ts')],
  'builds:create': [
    'build and release a directory or a tarball',
    () => import('./commands/builds/create.ts'),
  ],
  'builds:cancel': ['end a build that is running or waiting', () => import('./commands/builds/cancel.ts')],
  'builds:output': ['print what a build said', () => import('./commands/builds/output.ts')],
  'images:push': ['release an image from outside', () => import('./commands/images/push.ts')],
  'images:pull': ['save the image of a release', () => import('./commands/images/pull.ts')],
  'artifacts:verify': [
    'check every byte of the code of releases, and repair what can be',
    () => import('./commands/artifacts/verify.ts'),
  ],
  stack: ['show what an app runs on', () => import('./commands/stack/show.ts')],
  'stack:set': ['choose what the next build is for', () => import('./commands/stack/set.ts')],
  buildpacks: ['list the buildpacks of an app', () => import('./commands/buildpacks/list.ts')],
  'buildpacks:set': ['use one buildpack', () => import('./commands/buildpacks/set.ts')],
  'buildpacks:add': ['add a buildpack', () => import('./commands/buildpacks/add.ts')],
  'buildpacks:remove': ['take a buildpack away', () => import('./commands/buildpacks/remove.ts')],
  'buildpacks:clear': ['take all buildpacks away', () => import('./commands/buildpacks/clear.ts')],
}

const ACCOUNTS: Commands = {
  login: ['log in to a platform', () => import('./commands/auth/login.ts'), 'auth:login'],
  logout: ['log out and revoke the token', () => import('./commands/auth/logout.ts'), 'auth:logout'],
  whoami: ['print who you are', () => import('./commands/auth/whoami.ts'), 'auth:whoami'],
  'auth:token': ['print the token in use', () => import('./commands/auth/token.ts')],
  tokens: ['list your tokens', () => import('./commands/tokens/list.ts')],
  'tokens:create': ['make a token, for a CI job say', () => import('./commands/tokens/create.ts')],
  'tokens:revoke': ['revoke a token', () => import('./commands/tokens/revoke.ts')],
  accounts: ['list the accounts of the platform', () => import('./commands/accounts/list.ts')],
  'accounts:create': ['create an account', () => import('./commands/accounts/create.ts')],
  'accounts:disable': [
    'disable an account and revoke its tokens',
    () => import('./commands/accounts/disable.ts'),
  ],
  'accounts:enable': ['enable an account again', () => import('./commands/accounts/enable.ts')],
  'accounts:password': ['set a password', () => import('./commands/accounts/password.ts')],
}

const PLATFORM: Commands = {
  disk: ['show what takes space on disk', () => import('./commands/disk/show.ts')],
  server: ['start the platform on this machine', () => import('./commands/server.ts')],
  'server:reload': [
    'put a new control plane in place, after an upgrade say; apps go on answering',
    () => import('./commands/server/reload.ts'),
  ],
  heroku: ['run the official heroku CLI on this platform', () => import('./commands/heroku.ts')],
  completion: ['print a completion script for a shell', () => import('./commands/completion.ts')],
  'git:credentials': ['answer git, which asks for a password', () => import('./commands/git/credentials.ts')],
}

export const COMMANDS: readonly Entry[] = [
  ...entries('Releases', RELEASES),
  ...entries('Apps', APPS),
  ...entries('Config', CONFIG),
  ...entries('Add-ons', ADDONS),
  ...entries('Dynos and logs', DYNOS),
  ...entries('Builds', BUILDS),
  ...entries('Accounts and tokens', ACCOUNTS),
  ...entries('Platform', PLATFORM),
]

function entries(group: string, commands: Commands): Entry[] {
  return Object.entries(commands).map(([name, [summary, load, ...aliases]]) => ({
    name,
    aliases,
    group,
    summary,
    load,
  }))
}
