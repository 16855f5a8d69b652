import { spawn } from 'node:child_process'

/** Opens an address in the browser, where there is a desktop. Whether there is one or not, it has been printed. */
export function browse(url: string, env: NodeJS.ProcessEnv): void {
  if (!env.DISPLAY && !env.WAYLAND_DISPLAY) return
  const browser = spawn('xdg-open', [url], { stdio: 'ignore', detached: true })
  browser.on('error', () => undefined)
  browser.unref()
}
