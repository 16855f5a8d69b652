import type { ApiContext } from './context.ts'
import type { Api } from './instance.ts'
import type { RateLimit } from './rate-limit.ts'
import { accountRoutes } from './resources/account.ts'
import { appRoutes } from './resources/apps.ts'
import { configVarRoutes } from './resources/config-vars.ts'
import { dynoRoutes } from './resources/dynos.ts'
import { formationRoutes } from './resources/formation.ts'
import { platformRoutes } from './resources/platform.ts'
import { releaseRoutes } from './resources/releases.ts'

/** Everything the API answers. */
export function addRoutes(api: Api, context: ApiContext, requests: RateLimit): void {
  platformRoutes(api)
  accountRoutes(api, context, requests)
  appRoutes(api, context)
  configVarRoutes(api, context)
  releaseRoutes(api, context)
  formationRoutes(api, context)
  dynoRoutes(api, context)
}
