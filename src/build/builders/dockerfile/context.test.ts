import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { contextOf, readContext } from './context.ts'
import { parseDockerIgnore } from './dockerignore.ts'

describe('a build context', () => {
  let tree: string
  before(async () => {
    tree = await mkdtemp(join(tmpdir(), 'tidemark-context-'))
    await mkdir(join(tree, 'docker/lib'), { recursive: true })
    for (const name of ['docker/Dockerfile', 'docker/lib/a', 'docker/lib/b', 'outside'])
      await writeFile(join(tree, name), name, { mode: 0o755 })
    await symlink('/etc', join(tree, 'etc'))
    await symlink('docker', join(tree, 'same'))
    await symlink('/etc/passwd', join(tree, 'docker/passwd'))
  })
  after(() => rm(tree, { recursive: true }))

  const paths = async (ignore: string | null) => {
    const context = await contextOf(tree, 'docker/Dockerfile')
    const entries = await readContext(context, ignore === null ? null : parseDockerIgnore(ignore))
    return entries.map(({ path }) => path)
  }

  it('is the directory of the Dockerfile, links as they are', async () => {
    assert.deepEqual(await paths(null), ['Dockerfile', 'lib', 'lib/a', 'lib/b', 'passwd'])
    const entries = await readContext(await contextOf(tree, 'docker/Dockerfile'), null)
    assert.deepEqual(entries.at(-1), { kind: 'link', path: 'passwd', target: '/etc/passwd' })
  })

  it('is what .dockerignore leaves, the Dockerfile always', async () => {
    assert.deepEqual(await paths('lib\npasswd\nDockerfile'), ['Dockerfile'])
    assert.deepEqual(await paths('*\n!lib/b'), ['Dockerfile', 'lib/b'])
  })

  it('has no name that is not UTF-8, unless that is left out', async () => {
    const name = Buffer.concat([Buffer.from(join(tree, 'docker/lib/c')), Buffer.from([0xff])])
    await writeFile(name, '')
    await assert.rejects(paths(null), /^BuildFailure: The name of lib\/c\ufffd is not UTF-8\. Rename it/)
    for (const ignore of ['lib/c*', 'lib/c*\n!a'])
      assert.deepEqual(await paths(ignore), ['Dockerfile', 'lib', 'lib/a', 'lib/b', 'passwd'])
    await rm(name)
  })

  it('is not reached by a link, which may lead out of the source', async () => {
    await assert.rejects(contextOf(tree, 'etc/passwd'), /reached by a link/)
    await assert.rejects(contextOf(tree, 'same/Dockerfile'), /reached by a link/)
    assert.equal((await contextOf(tree, 'absent/Dockerfile')).dockerfile, 'Dockerfile')
  })
})
