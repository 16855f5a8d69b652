/** A control plane to be killed: provisions the database it was told of, says its config, and stays. */
import { text } from 'node:stream/consumers'
import type { Resource } from '../../src/addons/provider.ts'
import { openPostgres, type PostgresOptions } from '../../src/addons/providers/postgres/provider.ts'

interface Input {
  options: Omit<PostgresOptions, 'key'> & { key: string }
  resource: Resource
}

const { options, resource } = JSON.parse(await text(process.stdin)) as Input
const provider = await openPostgres({ ...options, key: Buffer.from(options.key, 'hex') })
const made = await provider.provision(resource, { options: {}, from: null }, AbortSignal.timeout(60_000))
process.stdout.write(`${JSON.stringify(made)}\n`)
setInterval(() => {}, 60_000)
