import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { chooseApp } from './app-choice.ts'
import { git, remotes } from './git.ts'

const platform = { url: 'http://localhost:5000', git: 'https://localhost:5443' }

describe('which app is meant', () => {
  let cwd: string
  before(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'tidemark-choice-'))
    await git(cwd, 'init', '--quiet')
  })
  beforeEach(async () => {
    for (const name of (await remotes(cwd)).keys()) await git(cwd, 'remote', 'remove', name)
    await git(cwd, 'remote', 'add', 'origin', 'https://git.example.com/team/shop.git')
  })
  after(() => rm(cwd, { recursive: true }))

  const choose = (options = {}, env = {}) => chooseApp(options, { env, cwd, platform })

  test('the option first, then the environment, then the remote', async () => {
    await git(cwd, 'remote', 'add', 'tidemark', 'https://localhost:5443/shop.git')
    assert.equal(await choose({ app: 'a' }, { TIDEMARK_APP: 'b' }), 'a')
    assert.equal(await choose({}, { TIDEMARK_APP: 'b' }), 'b')
    assert.equal(await choose(), 'shop')
  })

  test('the remote named, and the only remote of this platform', async () => {
    await git(cwd, 'remote', 'add', 'staging', 'http://localhost:5000/shop-staging.git')
    assert.equal(await choose(), 'shop-staging')
    await git(cwd, 'remote', 'add', 'prod', 'https://localhost:5443/shop.git')
    assert.equal(await choose({ remote: 'prod' }, { TIDEMARK_APP: 'b' }), 'shop')
    await assert.rejects(choose(), /name several: .*--app/)
  })

  test('remotes of other hosts say nothing', async () => {
    await assert.rejects(choose(), /Which app\?/)
    await assert.rejects(choose({ remote: 'origin' }), /no git remote origin/)
  })

  test('outside of a repository there is nothing to go by', async () => {
    await assert.rejects(chooseApp({}, { env: {}, cwd: tmpdir(), platform }), /Which app\?/)
  })
})
