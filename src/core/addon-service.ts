/** What can be had as an add-on: a service in one of its plans. */

export interface Plan {
  /** `essential-0`; the API shows it as `postgresql:essential-0`. */
  name: string
  humanName: string
  description: string
  /** US cents a month; 0 is free. */
  cents: number
}

export interface AddonService {
  /** `postgresql` */
  name: string
  /** Other names that mean the same service: `heroku-postgresql`. */
  aliases: readonly string[]
  humanName: string
  /** What its config vars begin with, and the name of an app's first attachment: `DATABASE`. */
  prefix: string
  /** Name of further attachments before their colour: `POSTGRESQL` gives `POSTGRESQL_JADE`. */
  furtherPrefix: string
  /** Config vars its add-ons may set, as they are called under the first attachment: `DATABASE_URL`. */
  configVars: readonly string[]
  /** The first is the default. */
  plans: readonly Plan[]
  /** One add-on may be attached to several apps. */
  supportsSharing: boolean
  /** Names of plans that old commands and manifests use, and the plan they mean here. */
  planAliases: Readonly<Record<string, string>>
}

/** Where a person goes to look at an add-on: a GET, or a form to be POSTed. */
export interface SsoLink {
  method: 'get' | 'post'
  action: string
  params: Readonly<Record<string, string>>
}

/** Who goes there: the account, and the app it comes from. */
export interface Visitor {
  id: string
  email: string
  app: string
}

/** The service of that name or alias. */
export function serviceNamed(services: readonly AddonService[], name: string): AddonService | undefined {
  return services.find(service => service.name === name || service.aliases.includes(name))
}

/** The plan of that name; the default when none is named. */
export function planNamed(service: AddonService, name: string | undefined): Plan | undefined {
  const [first] = service.plans
  if (name === undefined) return first
  return service.plans.find(plan => plan.name === (service.planAliases[name] ?? name))
}
