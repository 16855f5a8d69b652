/** A control plane to be killed: starts one dyno, prints the lines it was given and acknowledges them. */
import { createInterface } from 'node:readline'
import type { DynoSpec } from '../../src/runtime/driver.ts'
import { openProcessDriver, type ProcessDriverOptions } from '../../src/runtime/drivers/process/driver.ts'

interface Input {
  options: Omit<ProcessDriverOptions, 'layers' | 'identity'> & { layers: readonly string[] }
  one: DynoSpec
}

const [line = ''] = await createInterface({ input: process.stdin })
  [Symbol.asyncIterator]()
  .next()
  .then(({ value }) => [value as string])
const { options, one } = JSON.parse(line) as Input
const identity = process.getuid?.() === 0 ? { uid: 700_001, gid: 700_001 } : null
const driver = await openProcessDriver({
  ...options,
  layers: async () => options.layers,
  identity: () => identity,
})
await driver.start(one)
for await (const batch of driver.logs(new AbortController().signal)) {
  process.stdout.write(batch.lines.map(({ line }) => `${line.text}\n`).join(''))
  batch.ack()
}
