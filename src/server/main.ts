import { ConfigFault, readConfig, usage } from './config.ts'
import { type Platform, startPlatform } from './platform.ts'

/** However much there is to stop, the server is gone after this. */
const STOP_LIMIT = 9500

/** Runs the platform in the foreground until it is told to stop: what `tidemark server` does. */
export async function main(argv: readonly string[]): Promise<void> {
  if (argv.includes('--help')) return void process.stdout.write(usage())
  try {
    const starting = startPlatform(readConfig(argv, process.env))
    obey(starting)
    process.stdout.write(greeting(await starting))
  } catch (error) {
    fail(error)
  }
}

/** Also while it is still starting: what has been started by then has to be ended in order. */
function obey(starting: Promise<Platform>): void {
  let isStopping = false
  const stop = (): void => {
    if (isStopping) return
    isStopping = true
    setTimeout(() => process.exit(1), STOP_LIMIT).unref()
    starting.then(platform => platform.stop()).then(() => process.exit(0), fail)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  process.on('SIGHUP', () => {
    if (isStopping) return
    isStopping = true
    starting.then(reload).catch(fail)
  })
}

/** Puts a new control plane in the place of this one, in the same process id; router and dynos go on meanwhile. */
async function reload(platform: Platform): Promise<void> {
  process.stdout.write('Reloading: a new control plane takes over, apps go on answering.\n')
  await platform.release()
  const own = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  process.execve?.(process.execPath, [...own, ...samePorts(platform)], process.env)
}

/** Flags that keep the ports which were any free ones at first; said once, they hold for every reload. */
function samePorts({ config, port, tlsPort, routerPort }: Platform): string[] {
  return [
    ...(config.port === 0 ? ['--port', `${port}`] : []),
    ...(config.tlsPort === 0 ? ['--tls-port', `${tlsPort}`] : []),
    ...(config.routerPort === 0 ? ['--router-port', `${routerPort}`] : []),
  ]
}

function greeting(platform: Platform): string {
  const { endpoints, config, caveats } = platform
  return [
    `Tidemark is running.`,
    `  API and git   ${endpoints.api}   ${endpoints.api_tls}`,
    `  apps          http://<app>.${config.appsDomain}:${platform.routerPort}`,
    `  data          ${config.dataDir}`,
    `  authority     ${endpoints.ca_file}`,
    ...caveats.map(caveat => `  note          ${caveat}`),
    ``,
    `Next, in another terminal and in the git repository of an app:`,
    `  tidemark create          makes an app and the git remote tidemark`,
    `  git push tidemark main   deploys it`,
    `Ctrl-C stops the platform and its apps.`,
    ``,
  ].join('\n')
}

function fail(error: unknown): never {
  const text = error instanceof Error ? error.message : String(error)
  process.stderr.write(`tidemark: ${text}\n`)
  if (!(error instanceof ConfigFault) && process.env.TIDEMARK_DEBUG)
    process.stderr.write(`${(error as Error).stack}\n`)
  process.exit(error instanceof ConfigFault ? 2 : 1)
}
