import { seconds } from '../core/time.ts'
import { type RouterOptions, startRouter } from './server.ts'

/** The router as a process of its own: it outlives the control plane, and ends only when told to. */

const GRACE = seconds(10)

const options = parseOptions(process.argv[2])
// Signals from a terminal, or for a reload, go to the whole process group; they are not meant for the router.
process.on('SIGINT', () => {})
process.on('SIGHUP', () => {})

// Whoever reads what it says may be gone, and it goes on.
process.stderr.on('error', () => {})

try {
  const router = await startRouter({ ...options, warn: say })
  process.on('SIGTERM', () => void router.close(GRACE))
  await router.closed
  process.exit(0)
} catch (fault) {
  fail(startFault(fault as NodeJS.ErrnoException, options))
}

/** `{"host", "port", "socketPath", "snapshotPath"}` as JSON, in the first argument. */
function parseOptions(text: string | undefined): RouterOptions {
  try {
    const { host, port, socketPath, snapshotPath } = JSON.parse(text ?? '') as Record<string, unknown>
    if (
      typeof host === 'string' &&
      typeof port === 'number' &&
      typeof socketPath === 'string' &&
      typeof snapshotPath === 'string'
    ) {
      return { host, port, socketPath, snapshotPath }
    }
  } catch {
    // Said below.
  }
  return fail(
    'The router needs its settings as JSON in the first argument: {"host", "port", "socketPath", "snapshotPath"}.',
  )
}

function startFault(fault: NodeJS.ErrnoException, { host, port }: RouterOptions): string {
  if (fault.syscall !== 'listen') return `The router cannot start: ${fault.message}`
  const reason = fault.code === 'EADDRINUSE' ? 'another program is using it' : fault.message
  return `The router cannot listen on ${host}:${port}: ${reason}. Choose another port, or stop what uses this one.`
}

function say(sentence: string): void {
  process.stderr.write(`router: ${sentence}\n`)
}

function fail(sentence: string): never {
  say(sentence)
  process.exit(1)
}
