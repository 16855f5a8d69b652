import { ConfigFault, readConfig, usage } from './config.ts'
import { type Platform, startPlatform } from './platform.ts'

/** However much there is to stop, the server is gone after this. */
const STOP_LIMIT = 9500

/** Runs the platform in the foreground until it is told to stop: what `tidemark server` does. */
export async function main(argv: readonly string[]): Promise<void> {
  if (argv.includes('--help')) return void process.stdout.write(usage())
  try {
    const platform = await startPlatform(readConfig(argv, process.env))
    obey(platform)
    process.stdout.write(greeting(platform))
  } catch (error) {
    fail(error)
  }
}

function obey(platform: Platform): void {
  let isStopping = false
  const stop = (): void => {
    if (isStopping) return
    isStopping = true
    setTimeout(() => process.exit(1), STOP_LIMIT).unref()
    platform.stop().then(() => process.exit(0), fail)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  process.on('SIGHUP', () => {
    if (isStopping) return
    isStopping = true
    reload(platform).catch(fail)
  })
}

/** Puts a new control plane in the place of this one, in the same process id; router and dynos go on meanwhile. */
async function reload(platform: Platform): Promise<void> {
  process.stdout.write('Reloading: a new control plane takes over, apps go on answering.\n')
  await platform.release()
  const { port, tlsPort, routerPort } = platform
  const ports = {
    TIDEMARK_PORT: `${port}`,
    TIDEMARK_TLS_PORT: `${tlsPort}`,
    TIDEMARK_ROUTER_PORT: `${routerPort}`,
  }
  process.execve?.(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], {
    ...process.env,
    ...ports,
  })
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
