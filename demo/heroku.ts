import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

export interface HerokuInstall {
  executable: string
  /** Whether it could be had. */
  isReady: Promise<boolean>
  /** Resolves when nothing of the installation runs any more. */
  ended: Promise<void>
}

/** The official CLI: the one of the compatibility suite when that was run before, else from npm into `directory`, in the background. */
export function installHeroku(root: string, directory: string, signal: AbortSignal): HerokuInstall {
  const suite = join(root, 'test', 'compat')
  const executable = (base: string) => join(base, 'node_modules', 'heroku', 'bin', 'run.js')
  if (existsSync(executable(suite))) {
    return { executable: executable(suite), isReady: Promise.resolve(true), ended: Promise.resolve() }
  }
  mkdirSync(directory)
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
    if (existsSync(join(suite, file))) cpSync(join(suite, file), join(directory, file))
  }
  const npm = spawn('npm', ['ci', '--ignore-scripts', '--loglevel=error'], {
    cwd: directory,
    stdio: 'ignore',
    signal,
  })
  const closed = once(npm, 'close')
  const isReady = closed.then(
    ([status]) => status === 0,
    () => false,
  )
  return { executable: executable(directory), isReady, ended: isReady.then(() => {}) }
}
