import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { it } from 'node:test'
import { setPassword } from '../../src/actions/accounts.ts'
import { destroyApp } from '../../src/actions/destroy-app.ts'
import { runDyno } from '../../src/actions/run-dyno.ts'
import { accountOfToken, issueToken } from '../../src/actions/tokens.ts'
import { type LedgerUnderTest, openLedger, raw } from './ledger-place.ts'
import { Scene } from './ledger-scene.ts'

/** What must not be readable by who holds the database and not the master key. */
export function secretsContract(under: LedgerUnderTest): void {
  it('leave no trace in the database: config values, waiting changes, one-off environments, answers, tokens, passwords', async () => {
    await using scene = await Scene.open(under)
    const secret = (name: string) => `${name}-${randomBytes(12).toString('hex')}`
    const [config, waiting, oneOff, password] = [
      secret('config'),
      secret('waiting'),
      secret('one-off'),
      secret('password'),
    ]
    await scene.set({ A: config })
    await scene.deployed()
    await scene.set({ B: secret('rolling') })
    await scene.set({ C: waiting })
    await runDyno(scene.ledger, scene.by, scene.appId, { command: 'bash', environment: { X: oneOff } })
    await setPassword(scene.ledger, scene.by.email, password)
    const token = await issueToken(scene.ledger, scene.by, { description: 'ci', expiresIn: null })
    const answer = {
      accountId: scene.by.id,
      requestId: 'q',
      fingerprint: 'f',
      status: 200,
      headers: {},
      body: secret('answer'),
    }
    await scene.ledger.transactPlatform(tx => tx.answers.insert([answer]))
    await scene.ledger.close()

    const bytes = await under.everything(scene.place)
    assert.ok(bytes.includes('sushi'), 'the search itself finds what is there')
    for (const text of [config, waiting, oneOff, password, answer.body, token.secret.reveal()]) {
      assert.ok(!bytes.includes(text), `${text.slice(0, 8)}… is readable`)
      assert.ok(!bytes.includes(Buffer.from(text).toString('hex')), `${text.slice(0, 8)}… is readable as hex`)
    }

    await using again = await openLedger(scene.place)
    const found = await accountOfToken(again, token.secret.reveal(), 0)
    assert.equal(found?.account.email, scene.by.email)
    const [kept] = await again.read.dynos.oneOffs(scene.appId)
    assert.deepEqual(kept?.environment, { X: oneOff })
  })

  it('cannot be opened with another master key: the ledger says so before anything is written', async () => {
    await using scene = await Scene.open(under)
    await scene.ledger.close()
    await assert.rejects(openLedger(scene.place, randomBytes(32)), /master key is not the one/)
    await using again = await openLedger(scene.place)
    assert.equal((await again.read.apps.list()).length, 1)
  })

  it('are bound to their row: a value copied to another one does not open', async () => {
    await using scene = await Scene.open(under)
    const release = await scene.set({ A: '1' })
    await raw(
      scene.place,
      `insert into config_snapshots (id, app_id, sealed, created_at)
       select 'copied', app_id, sealed, created_at from config_snapshots where id = '${release.configId}'`,
    )
    await assert.rejects(scene.ledger.read.configs.load('copied'), /config copied cannot be decrypted/)
  })

  it('are destroyed with their app', async () => {
    await using scene = await Scene.open(under)
    const release = await scene.set({ A: '1' })
    await scene.deployed()
    await scene.set({ B: '2' })
    await scene.set({ C: '3' })
    await runDyno(scene.ledger, scene.by, scene.appId, { command: 'bash', environment: { X: '1' } })
    await destroyApp(scene.ledger, scene.by, scene.appId)
    assert.deepEqual(await scene.config(release), {})
    for (const [table, column] of [
      ['config_snapshots', 'sealed'],
      ['releases', 'waiting_change'],
      ['dynos', 'environment'],
    ]) {
      assert.deepEqual(
        await raw(scene.place, `select id from ${table} where ${column} is not null`),
        [],
        table,
      )
    }
  })
}
