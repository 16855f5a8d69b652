import { createHash } from 'node:crypto'
import type { SsoLink } from '../../../core/addon-service.ts'
import type { Resource } from '../../provider.ts'
import type { Partner } from './partner.ts'

export interface Visitor {
  email: string
  /** The name of the app that the visit is for. */
  app: string
  /** The account's id. */
  id?: string
}

/**
 * The form that lets a visitor in, as "Add-on Single Sign-on" has it: `resource_token` over the uuid, the legacy `token`
 * over the provider's own id, and, where the visitor's id is known, the one that is signed for them alone.
 */
export function visitOf(
  partner: Partner & { action: string; salt: string },
  resource: Resource,
  { visitor, at }: { visitor: Visitor; at: Date },
): SsoLink {
  const { action, salt } = partner
  const timestamp = String(Math.floor(at.getTime() / 1000))
  const params: Record<string, string> = {
    app: visitor.app,
    context_app: visitor.app,
    email: visitor.email,
    'nav-data': navigation(partner, visitor),
    resource_id: resource.id,
    resource_token: digest('sha1', [resource.id, salt, timestamp]),
    timestamp,
  }
  if (resource.providerId !== null) {
    params.id = resource.providerId
    params.token = digest('sha1', [resource.providerId, salt, timestamp])
  }
  if (visitor.id !== undefined) {
    params.user_id = visitor.id
    params.user_scoped_resource_token = digest('sha256', [
      resource.id,
      salt,
      timestamp,
      visitor.id,
      visitor.email,
    ])
  }
  return { method: 'post', action, params }
}

/** What providers of old drew a navigation bar from. */
function navigation({ service }: Partner, visitor: Visitor): string {
  const addons = [{ slug: service.name, name: service.humanName, current: true }]
  const data = { addon: service.humanName, appname: visitor.app, addons }
  return Buffer.from(JSON.stringify(data)).toString('base64url')
}

function digest(algorithm: 'sha1' | 'sha256', parts: readonly string[]): string {
  return createHash(algorithm).update(parts.join(':')).digest('hex')
}
