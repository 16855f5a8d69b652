import { issueGrantCode } from '../actions/addon-grants.ts'
import type { Provider } from '../addons/provider.ts'
import { httpProvider } from '../addons/providers/http/provider.ts'
import { parseManifest } from '../core/addon-manifest.ts'
import { isoSeconds } from '../core/time.ts'
import type { RegisteredService } from '../ledger/addon-services.ts'
import type { Ledger } from '../ledger/ledger.ts'

/** Where providers are told that the platform is: they choose among regions of clouds. */
const REGION = 'amazon-web-services::us-east-1'

/** Somebody's service as a provider; `api` is where it finds the platform. */
export function partnerProvider(ledger: Ledger, api: string, { manifest }: RegisteredService): Provider {
  return httpProvider({
    ...parseManifest(JSON.parse(manifest)),
    callbackUrl: id => `${api}/addons/${id}`,
    oauthGrant: async ({ id }) => {
      const { code, expiresAt } = await issueGrantCode(ledger, id)
      return { code, type: 'authorization_code', expires_at: isoSeconds(expiresAt) }
    },
    region: REGION,
  })
}
