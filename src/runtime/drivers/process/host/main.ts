/** The dyno host: a small process that owns the dynos, so that they outlive the control plane. Started by the driver. */
import type { Duration } from '../../../../core/time.ts'
import type { HostConfig } from '../protocol.ts'
import { Host } from './host.ts'
import { HostServer } from './server.ts'

const OWN_GRACE: Duration = 8000

const argument = process.argv[2]
// Without an argument it was only run to fill the cache of compiled code.
if (argument === undefined) process.exit(0)
const config = JSON.parse(argument) as HostConfig
// The control plane decides when the platform ends; a Ctrl-C or a lost terminal is its to answer.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {})
// Dynos inherit it: what they make is readable as on any machine.
process.umask(0o022)
// Sockets have short paths: this one is reached from here.
process.chdir(config.directory)

const host = await Host.open(config)
await new HostServer(host, () => process.exit(0)).listen()
process.on('SIGTERM', () => void host.close(OWN_GRACE).then(() => process.exit(0)))
// The one word whoever started us waits for; nothing is ever written there again.
process.stdout.write('ready\n')
