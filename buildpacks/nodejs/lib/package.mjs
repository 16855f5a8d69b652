// What bash cannot read: package.json, its lock file, and version ranges.
//
//   node package.mjs facts BUILD_DIR            prints name=value lines
//   node package.mjs satisfies VERSION RANGE NPM  exits 0 when the version is in the range
//   node package.mjs cache-key BUILD_DIR ENV_DIR NPM  prints a hash, or nothing when node_modules cannot be kept; run by the app's node
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const [command, ...args] = process.argv.slice(2)

/** Scripts that npm runs on install: they may read any file of the app, so their outcome cannot be kept. */
const INSTALL_SCRIPTS = [
  'preinstall',
  'install',
  'postinstall',
  'prepublish',
  'preprepare',
  'prepare',
  'postprepare',
]
const LOCKS = ['npm-shrinkwrap.json', 'package-lock.json']

if (command === 'facts') printFacts(args[0])
else if (command === 'satisfies') process.exitCode = satisfies(...args) ? 0 : 1
else if (command === 'cache-key') console.log(cacheKey(...args))

function printFacts(directory) {
  const manifest = readJson(join(directory, 'package.json'), 'package.json')
  const scripts = manifest.scripts ?? {}
  const build = ['heroku-postbuild', 'build'].find(name => scripts[name])
  const facts = {
    node_range: manifest.engines?.node ?? '',
    lock: LOCKS.find(name => existsSync(join(directory, name))) ?? '',
    prebuild: scripts['heroku-prebuild'] ? 'heroku-prebuild' : '',
    build: build ?? '',
    cleanup: scripts['heroku-cleanup'] ? 'heroku-cleanup' : '',
    has_dev_dependencies: Object.keys(manifest.devDependencies ?? {}).length > 0 ? 'yes' : '',
  }
  for (const [name, value] of Object.entries(facts))
    console.log(`${name}=${String(value).replaceAll('\n', ' ')}`)
}

/** npm brings semver along. */
function satisfies(version, range, npm) {
  return createRequire(realpathSync(npm))('semver').satisfies(version, range)
}

function cacheKey(directory, environment, npm) {
  const manifest = readJson(join(directory, 'package.json'), 'package.json')
  const lockName = LOCKS.find(name => existsSync(join(directory, name)))
  if (!lockName || INSTALL_SCRIPTS.some(name => manifest.scripts?.[name])) return ''
  const packages = Object.values(readJson(join(directory, lockName), lockName).packages ?? {})
  if (
    packages.length === 0 ||
    packages.some(entry => entry.link || String(entry.resolved ?? '').startsWith('file:'))
  )
    return ''
  const hash = createHash('sha256').update(JSON.stringify([process.arch, process.version, npmVersion(npm)]))
  for (const name of ['package.json', lockName, '.npmrc'])
    hash.update(JSON.stringify(readText(join(directory, name))))
  const hasScripts = packages.some(entry => entry.hasInstallScript)
  for (const name of readdirSync(environment).sort()) {
    // Install scripts of dependencies may heed any variable; npm itself heeds its own.
    if (hasScripts || /^(npm_config_|NODE_)/i.test(name))
      hash.update(JSON.stringify([name, readText(join(environment, name))]))
  }
  return hash.digest('hex')
}

function npmVersion(npm) {
  return createRequire(realpathSync(npm))('../package.json').version
}

function readText(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : null
}

function readJson(path, name) {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof value === 'object' && value !== null) return value
    throw new Error('it holds no object')
  } catch (error) {
    console.error(` !     ${name} cannot be read: ${error.message}`)
    process.exit(1)
  }
}
