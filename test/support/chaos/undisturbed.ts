import assert from 'node:assert/strict'
import type { TestApp } from '../app.ts'

/** What a `witness` app's clock counted stands in its log, each number once: it was never restarted, and no line was lost. */
export async function assertUndisturbed(app: TestApp): Promise<void> {
  const ticks = (await app.log()).flatMap(line => /^app\[clock\.1\]: tick (\d+)$/.exec(line)?.[1] ?? [])
  assert.ok(ticks.length > 10, 'the clock ticks')
  const first = Number(ticks[0])
  assert.deepEqual(
    ticks.map(Number),
    ticks.map((_, index) => first + index),
  )
}
