import { appendRelease } from '../../src/actions/append-release.ts'
import { setConfigVars } from '../../src/actions/set-config-vars.ts'
import { openLedger } from './ledger-place.ts'

/** A process of its own that works on a ledger: `open`, `set` many config vars, or `die` inside a transaction. */

const [what = '', place = '', appId = '', accountId = '', name = '', count = '0'] = process.argv.slice(2)
const ledger = await openLedger(place)
const by = { id: accountId, email: 'jim@example.com' }

if (what === 'set') {
  await Promise.all(
    Array.from({ length: Number(count) }, (_, index) =>
      setConfigVars(ledger, by, appId, { patch: { [`${name}_${index}`]: 'x' } }),
    ),
  )
}

if (what === 'die') {
  await setConfigVars(ledger, by, appId, { patch: { COMMITTED: '1' } })
  await ledger.transact(appId, async tx => {
    await appendRelease(tx, { kind: 'config', patch: { LOST: '1' } }, by)
    process.stdout.write('inside\n')
    // Whoever started this process kills it now.
    const { promise } = Promise.withResolvers<void>()
    setInterval(() => {}, 60_000)
    await promise
  })
}

await ledger.close()
