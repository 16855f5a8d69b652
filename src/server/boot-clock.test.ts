import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { bootClock } from './boot-clock.ts'

const skip = process.platform !== 'linux' && 'only Linux has a clock that counts sleep'

test('time is counted from the boot of the machine, not from that of the server', { skip }, async () => {
  const sinceBoot = async () => Number.parseFloat(await readFile('/proc/uptime', 'utf8')) * 1000
  const before = await sinceBoot()
  const now = bootClock()
  // Both are counted in hundredths of a second.
  assert.ok(before - 10 <= now && now <= (await sinceBoot()) + 10, `${now} ms, ${before} ms before`)
})
