/** A control plane to be killed: provisions one resource, says what came of it, and goes on running. */
import { once } from 'node:events'
import type { Resource } from '../../src/addons/provider.ts'
import { openRedis, type RedisOptions } from '../../src/addons/providers/redis/provider.ts'

interface Input {
  options: Omit<RedisOptions, 'key'> & { key: string }
  resource: Resource
}

const [line] = (await once(process.stdin.setEncoding('utf8'), 'data')) as [string]
const { options, resource } = JSON.parse(line) as Input
const provider = openRedis({ ...options, key: Buffer.from(options.key, 'hex') })
const made = await provider.provision(resource, { options: {}, from: null }, AbortSignal.timeout(30_000))
process.stdout.write(`${JSON.stringify(made)}\n`)
