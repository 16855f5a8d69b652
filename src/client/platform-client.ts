import { Connection, type Reach } from './connection.ts'
import { Accounts } from './resources/accounts.ts'
import { Addons } from './resources/addons.ts'
import { Apps } from './resources/apps.ts'
import { Authorizations } from './resources/authorizations.ts'
import { Buildpacks } from './resources/buildpacks.ts'
import { Builds } from './resources/builds.ts'
import { Collaborators } from './resources/collaborators.ts'
import { Config } from './resources/config.ts'
import { Dynos } from './resources/dynos.ts'
import { Formations } from './resources/formations.ts'
import { Images } from './resources/images.ts'
import { Logs } from './resources/logs.ts'
import { Releases } from './resources/releases.ts'
import { Retention } from './resources/retention.ts'

/** Typed calls of the Platform API: `new PlatformClient({ url, token }).releases.list('shop', { max: 15 })`. */
export class PlatformClient {
  readonly accounts: Accounts
  readonly addons: Addons
  readonly apps: Apps
  readonly authorizations: Authorizations
  readonly buildpacks: Buildpacks
  readonly builds: Builds
  readonly collaborators: Collaborators
  readonly config: Config
  readonly dynos: Dynos
  readonly formations: Formations
  readonly images: Images
  readonly logs: Logs
  readonly releases: Releases
  readonly retention: Retention

  constructor(reach: Reach) {
    const connection = new Connection(reach)
    this.accounts = new Accounts(connection)
    this.addons = new Addons(connection)
    this.apps = new Apps(connection)
    this.authorizations = new Authorizations(connection)
    this.buildpacks = new Buildpacks(connection)
    this.builds = new Builds(connection)
    this.collaborators = new Collaborators(connection)
    this.config = new Config(connection)
    this.dynos = new Dynos(connection)
    this.formations = new Formations(connection)
    this.images = new Images(connection)
    this.logs = new Logs(connection)
    this.releases = new Releases(connection)
    this.retention = new Retention(connection)
  }
}
