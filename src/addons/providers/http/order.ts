import type { ProvisionOptions, Resource } from '../../provider.ts'

/** What a provider exchanges for a token of the Platform API that is good for this resource alone. */
export interface OauthGrant {
  code: string
  type: 'authorization_code'
  /** ISO 8601. */
  expires_at: string
}

/** What a provider is told besides the resource. */
export interface OrderTerms {
  /** Where the resource is in the Platform API: `https://…/addons/<id>`. */
  callbackUrl(resourceId: string): string
  /** Asked once for every time that a provider is asked to provision, which may be again. */
  oauthGrant(resource: Resource): OauthGrant | Promise<OauthGrant>
  /** `amazon-web-services::us-east-1` */
  region: string
}

/** The body of a request to provision. Its options are strings, as the documentation shows them. */
export async function orderOf(
  terms: OrderTerms,
  resource: Resource,
  options: ProvisionOptions,
): Promise<Record<string, unknown>> {
  return {
    callback_url: terms.callbackUrl(resource.id),
    name: resource.name,
    oauth_grant: await terms.oauthGrant(resource),
    options: Object.fromEntries(Object.entries(options).map(([name, value]) => [name, String(value)])),
    plan: resource.plan,
    region: terms.region,
    uuid: resource.id,
  }
}
