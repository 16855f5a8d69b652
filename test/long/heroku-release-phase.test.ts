import { after, describe } from 'node:test'
import { installHeroku } from '../compat/install.ts'
import { Outbound } from '../compat/outbound.ts'
import { makePerson } from '../compat/person.ts'
import { replay } from '../compat/replay.ts'
import { startPlatform } from '../support/platform.ts'

const heroku = await installHeroku()
const owned = new AsyncDisposableStack()
after(() => owned.disposeAsync())
const outbound = owned.use(await Outbound.listen())
const platform = owned.use(await startPlatform())
const jim = owned.use(
  await makePerson('jim@example.com', { platform, heroku, outbound: outbound.environment }),
)

describe('the official CLI works unmodified', () => {
  replay('with an app that has a release command', jim, ['release-phase'])
})
