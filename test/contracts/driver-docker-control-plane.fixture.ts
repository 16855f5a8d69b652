/** A control plane to be killed: starts one dyno, prints the lines it was given with their offsets, and acknowledges them. */
import { createInterface } from 'node:readline'
import type { DynoSpec } from '../../src/runtime/driver.ts'
import { openDockerDriver } from '../../src/runtime/drivers/docker/driver.ts'

export interface Input {
  directory: string
  platform: string
  stackImage: string
  layers: readonly string[]
  one: DynoSpec
}

const [line = ''] = await createInterface({ input: process.stdin })
  [Symbol.asyncIterator]()
  .next()
  .then(({ value }) => [value as string])
const { directory, platform, stackImage, layers, one } = JSON.parse(line) as Input
const driver = await openDockerDriver({
  pauseImage: stackImage,
  directory,
  platform,
  key: Buffer.from(platform),
  stackImage: () => stackImage,
  layers: async () => layers,
  archive: async function* () {},
  identity: () => ({ uid: 700_001, gid: 700_001 }),
})
await driver.start(one)
for await (const batch of driver.logs(new AbortController().signal)) {
  process.stdout.write(batch.lines.map(({ offset, line }) => `${offset} ${line.text}\n`).join(''))
  batch.ack()
}
