import type { Static } from '@sinclair/typebox'
import type { Account } from '../../core/account.ts'
import { isoSeconds } from '../../core/time.ts'
import type { AccountShape } from '../schema/account.ts'

export function presentAccount(account: Account): Static<typeof AccountShape> {
  return {
    id: account.id,
    email: account.email,
    name: account.name,
    verified: true,
    federated: false,
    two_factor_authentication: false,
    beta: false,
    allow_tracking: false,
    is_owner: account.isOwner,
    disabled_at: account.disabledAt === null ? null : isoSeconds(account.disabledAt),
    last_login: null,
    suspended_at: account.disabledAt === null ? null : isoSeconds(account.disabledAt),
    delinquent_at: null,
    default_organization: null,
    default_team: null,
    identity_provider: null,
    sms_number: null,
    created_at: isoSeconds(account.createdAt),
    updated_at: isoSeconds(account.updatedAt),
  }
}
