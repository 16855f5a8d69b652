import { describe } from 'node:test'
import { herokuWorld } from '../compat/heroku-world.ts'
import { replay } from '../compat/replay.ts'

const { arrives } = await herokuWorld()
const jim = await arrives('jim@example.com')

describe('the official CLI works unmodified', () => {
  replay('with an app that has a release command', jim, ['release-phase'])
})
