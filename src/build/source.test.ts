import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { type Header, pack } from 'tar-stream'
import { BuildFailure } from './builder.ts'
import { exportCommit, extractSource } from './source.ts'

const never = new AbortController().signal
let place: string
let count = 0

before(async () => {
  place = await mkdtemp(join(tmpdir(), 'tidemark-source-'))
})
after(() => rm(place, { recursive: true, force: true }))

type Item = Partial<Header> & { name: string; content?: string }

async function tar(...items: Item[]): Promise<Buffer> {
  const archive = pack()
  for (const { content, ...header } of items) {
    if (content === undefined) archive.entry(header)
    else archive.entry({ ...header, size: content.length }, content)
  }
  archive.finalize()
  return buffer(archive)
}

async function extract(archive: Buffer): Promise<{ into: string; notes: readonly string[] }> {
  const base = join(place, String(count++))
  await writeFile(`${base}.tar`, archive)
  return { into: base, notes: await extractSource(`${base}.tar`, base, never) }
}

async function refusal(archive: Buffer): Promise<string> {
  const error: unknown = await extract(archive).then(
    () => assert.fail('it was accepted'),
    (error: unknown) => error,
  )
  assert.ok(error instanceof BuildFailure, String(error))
  return error.message
}

describe('extractSource', () => {
  it('unpacks plain, gzip and zstd archives alike', async () => {
    const plain = await tar({ name: 'a/b.txt', content: 'text' }, { name: 'run', content: 'x', mode: 0o4755 })
    for (const archive of [plain, gzipSync(plain), zstdCompressSync(plain)]) {
      const { into } = await extract(archive)
      assert.equal(await readFile(join(into, 'a/b.txt'), 'utf8'), 'text')
      assert.equal((await stat(join(into, 'run'))).mode & 0o7777, 0o755, 'the setuid bit is dropped')
    }
  })

  it('takes away a single directory around everything', async () => {
    const { into } = await extract(
      await tar(
        { name: 'app-de63889/', type: 'directory' },
        { name: 'app-de63889/Procfile', content: 'web: x' },
        { name: 'app-de63889/l', type: 'symlink', linkname: 'Procfile' },
      ),
    )
    assert.deepEqual((await readdir(into)).sort(), ['Procfile', 'l'])
    assert.equal(await readlink(join(into, 'l')), 'Procfile')
  })

  it('copies hard links to files of the archive', async () => {
    const { into } = await extract(
      await tar({ name: 'a', content: 'same' }, { name: 'b', type: 'link', linkname: 'a' }),
    )
    assert.equal(await readFile(join(into, 'b'), 'utf8'), 'same')
    assert.equal((await stat(join(into, 'b'))).nlink, 1)
  })

  const refused: [string, Item[], RegExp][] = [
    ['parent directories', [{ name: 'a/../../b', content: 'x' }], /"a\/\.\.\/\.\.\/b" contains "\.\."/],
    ['absolute paths', [{ name: '/etc/passwd', content: 'x' }], /"\/etc\/passwd" is an absolute path/],
    [
      'character devices',
      [{ name: 'null', type: 'character-device', devmajor: 1, devminor: 3 }],
      /"null" is a character-device/,
    ],
    ['block devices', [{ name: 'disk', type: 'block-device' }], /"disk" is a block-device/],
    ['pipes', [{ name: 'pipe', type: 'fifo' }], /"pipe" is a fifo/],
    [
      'links that leave',
      [{ name: 'a/l', type: 'symlink', linkname: '../../etc' }],
      /link "a\/l" leads to "\.\.\/\.\.\/etc"/,
    ],
    [
      'absolute links',
      [{ name: 'l', type: 'symlink', linkname: '/etc/passwd' }],
      /link "l" leads to "\/etc\/passwd"/,
    ],
    [
      'links that climb behind a name',
      [
        { name: 'd/e/up', type: 'symlink', linkname: '../..' },
        { name: 'l', type: 'symlink', linkname: 'd/e/up/../x' },
      ],
      /link "l" leads to/,
    ],
    [
      'files through links',
      [
        { name: 'l', type: 'symlink', linkname: '.' },
        { name: 'l/file', content: 'x' },
      ],
      /"l" appears twice/,
    ],
    ['hard links that leave', [{ name: 'l', type: 'link', linkname: '../../etc/passwd' }], /contains "\.\."/],
    [
      'hard links to nothing',
      [{ name: 'l', type: 'link', linkname: 'nothing' }],
      /leads to "nothing", which is not a file/,
    ],
    [
      'paths that are too long',
      [{ name: `${'d/'.repeat(1500)}x`, content: 'x' }],
      /a path of more than 3,000 bytes/,
    ],
    ['links to nothing', [{ name: 'l', type: 'symlink', linkname: '' }], /link "l" leads to nothing/],
    [
      'a name twice',
      [
        { name: 'a', content: 'x' },
        { name: './a', content: 'y' },
      ],
      /"a" appears twice/,
    ],
  ]
  for (const [what, items, sentence] of refused) {
    it(`refuses ${what}`, async () => assert.match(await refusal(await tar(...items)), sentence))
  }

  it('refuses archives that are cut short, damaged, or none at all', async () => {
    const plain = await tar({ name: 'a', content: 'x'.repeat(5000) }, { name: 'b', content: 'y' })
    const packed = gzipSync(await tar({ name: 'a', content: randomText(5000) }))
    for (const archive of [
      plain.subarray(0, 3000),
      packed.subarray(0, packed.length / 2),
      Buffer.from('no archive'.repeat(100)),
    ]) {
      assert.match(await refusal(archive), /damaged or cut short/)
    }
  })

  it('removes what no build should see', async () => {
    const { into, notes } = await extract(
      await tar(
        { name: '.git/config', content: 'x' },
        { name: '.gitmodules', content: '[submodule]' },
        { name: 'log/dev.log', content: 'x' },
        { name: 'tmp/pid', content: 'x' },
        { name: 'docs/manual.pdf', content: 'x' },
        { name: 'lib/a.psd', content: 'x' },
        { name: 'lib/a.js', content: 'x' },
        { name: '.slugignore', content: '# art\n*.psd\n/docs\n!lib/a.psd\n' },
      ),
    )
    assert.deepEqual((await readdir(into, { recursive: true })).sort(), [
      '.slugignore',
      'lib',
      'lib/a.js',
      'log',
      'tmp',
    ])
    assert.equal(notes.length, 2)
    assert.match(notes.join(' '), /Submodules are not fetched.*negation is not supported, "!lib\/a\.psd"/)
  })
})

describe('exportCommit', () => {
  it('checks a commit out of a bare repository, links, modes and all, and leaves the repository alone', async () => {
    const work = join(place, 'work')
    await files(work, {
      'bin/run': '#!/bin/sh\n',
      'notes.txt': 'kept',
      '.gitattributes': 'notes.txt export-ignore\n',
    })
    await symlink('bin/run', join(work, 'link'))
    const run = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
        cwd: work,
        encoding: 'utf8',
      })
    run('init', '--quiet')
    run('add', '--all')
    run('update-index', '--chmod=+x', 'bin/run')
    run('commit', '--quiet', '--message', 'first')
    const bare = join(place, 'bare.git')
    run('clone', '--quiet', '--bare', work, bare)
    const before = await fingerprint(bare)
    const into = join(place, 'exported')
    assert.deepEqual(
      await exportCommit(
        { repository: bare, commit: run('rev-parse', 'HEAD').trim(), into, environment: {} },
        never,
      ),
      [],
    )
    assert.deepEqual((await readdir(into)).sort(), ['.gitattributes', 'bin', 'link', 'notes.txt'])
    assert.equal((await stat(join(into, 'bin/run'))).mode & 0o111, 0o111)
    assert.equal(await readlink(join(into, 'link')), 'bin/run')
    assert.equal(await fingerprint(bare), before)
    await assert.rejects(
      exportCommit(
        { repository: bare, commit: '0'.repeat(40), into: join(place, 'none'), environment: {} },
        never,
      ),
      /git read-tree failed/,
    )
  })
})

async function files(directory: string, contents: Record<string, string>): Promise<void> {
  for (const [name, content] of Object.entries(contents)) {
    await mkdir(dirname(join(directory, name)), { recursive: true })
    await writeFile(join(directory, name), content)
  }
}

async function fingerprint(directory: string): Promise<string> {
  return (await readdir(directory, { recursive: true })).sort().join()
}

function randomText(length: number): string {
  let text = ''
  for (let i = 0; text.length < length; i++) text += createHash('sha256').update(String(i)).digest('hex')
  return text
}
