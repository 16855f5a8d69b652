import { describe } from 'node:test'
import { addonsContract } from './ledger-addons.ts'
import { automaticRollbackContract } from './ledger-automatic-rollback.ts'
import { durabilityContract } from './ledger-durability.ts'
import { eventsContract } from './ledger-events.ts'
import { nounsContract } from './ledger-nouns.ts'
import type { LedgerUnderTest } from './ledger-place.ts'
import { queueContract } from './ledger-queue.ts'
import { retentionContract } from './ledger-retention.ts'
import { rulesContract } from './ledger-rules.ts'
import { secretsContract } from './ledger-secrets.ts'

/** What a ledger promises, whatever database keeps it. */
export function ledgerContract(under: LedgerUnderTest): void {
  describe(`ledger: ${under.name}`, () => {
    describe('releases', () => queueContract(under))
    describe('add-ons', () => addonsContract(under))
    describe('automatic rollbacks', () => automaticRollbackContract(under))
    describe('retention', () => retentionContract(under))
    describe('rules of the database', () => rulesContract(under))
    describe('events', () => eventsContract(under))
    describe('secrets', () => secretsContract(under))
    describe('nouns', () => nounsContract(under))
    describe('durability', () => durabilityContract(under))
  })
}
