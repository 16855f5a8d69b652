import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Identity, Mount } from './sandbox.ts'

/** What the fixture program prints. */
interface Outcome {
  status: number
  stdout: string
  stderr: string
  hasOverlay: boolean
  hasMounts: boolean
  caveats: string[]
}

const FIXTURE = fileURLToPath(new URL('../../test/support/confined.fixture.ts', import.meta.url))
const NOBODY = 65534
const isRoot = process.getuid?.() === 0

const users: { name: string; isServerRoot: boolean; identity: Identity | null }[] = [
  { name: 'an ordinary user', isServerRoot: false, identity: null },
  ...(isRoot ? [{ name: 'root', isServerRoot: true, identity: { uid: 700_123, gid: 700_123 } }] : []),
]

for (const { name, isServerRoot, identity } of users) {
  describe(`a confined program of a server run by ${name}`, () => {
    const confine = async (t: TestContext, script: string, environment: Record<string, string> = {}) => {
      const home = await scratch(t, isServerRoot ? 0 : NOBODY)
      const confined = {
        command: ['/bin/bash', '-c', script],
        environment: { PATH: '/usr/bin:/bin', HOME_OUTSIDE: home, ...environment },
      }
      const request = {
        directory: join(home, 'sand,box: \\'),
        confined: { ...confined, workingDirectory: '/app', mounts: mounts(home), identity },
      }
      return { home, outcome: runAs(isServerRoot, JSON.stringify(request), t) }
    }

    test('sees its overlay and can change everything in it, but not the layer', async t => {
      const { home, outcome } = await confine(
        t,
        'pwd; cat greeting; echo new > greeting; echo more > sub/more; rm gone; ls -A . sub',
      )
      assert.deepEqual([outcome?.status, outcome?.stderr], [0, ''])
      assert.equal(outcome?.stdout, '/app\nhello\n.:\ngreeting\nsub\n\nsub:\nmore\n')
      assert.equal(await readFile(join(home, 'lower, 1', 'greeting'), 'utf8'), 'hello\n')
    })

    test('cannot read the platform’s directory, nor see it', async t => {
      const { outcome } = await confine(t, 'cat "$HOME_OUTSIDE/secret"; ls "$HOME_OUTSIDE"; ls -A /')
      assert.doesNotMatch(outcome?.stdout ?? '', /private/)
      assert.match(outcome?.stderr ?? '', /No such file or directory/)
    })

    test('cannot write to the system or to a read-only mount', async t => {
      const { home, outcome } = await confine(t, 'touch /usr/x /etc/x /dev/x /given/x; ls /given')
      assert.equal(outcome?.stdout, 'file\n')
      assert.equal(outcome?.stderr.match(/Read-only file system|Permission denied/g)?.length, 4)
      assert.deepEqual(await readdir(join(home, 'given')), ['file'])
    })

    test('cannot undo its mounts or gain privileges', async t => {
      const { outcome } = await confine(
        t,
        'umount /app; mount -t tmpfs x /usr; unshare -Ur true || echo kept; grep CapEff /proc/self/status',
      )
      assert.match(outcome?.stdout ?? '', /kept\nCapEff:\t0000000000000000\n/)
    })

    test('gets exactly its environment', async t => {
      const { outcome } = await confine(
        t,
        'printf "%s|" "$GREETING" "$(env | grep -c ^EMPTY=$)"; env | grep -c -e LC_ALL -e CARRIED',
        {
          GREETING: `a 'b' "c" $d\n\\e`,
          EMPTY: '',
        },
      )
      assert.equal(outcome?.stdout, `a 'b' "c" $d\n\\e|1|0\n`)
    })

    test('runs as the user it was given', async t => {
      const { outcome } = await confine(t, 'id -u; touch made; stat -c %u made')
      const uid = identity?.uid ?? (isRoot ? NOBODY : process.getuid?.())
      assert.equal(outcome?.stdout, `${uid}\n${uid}\n`)
    })
  })
}

test('root’s confined program does not see other users’ processes', {
  skip: !isRoot && 'needs root',
}, async t => {
  const home = await scratch(t, 0)
  const command = ['/bin/sh', '-c', 'ls -d /proc/[0-9]* | wc -l; cat /proc/1/cmdline']
  const confined = {
    command,
    environment: {},
    workingDirectory: '/',
    mounts: mounts(home),
    identity: { uid: 700_124, gid: 700_124 },
  }
  const outcome = runAs(true, JSON.stringify({ directory: join(home, 's'), confined }), t)
  assert.ok(Number.parseInt(outcome?.stdout ?? '', 10) <= 3, outcome?.stdout)
})

function mounts(home: string): Mount[] {
  return [
    {
      kind: 'overlay',
      lower: [join(home, 'lower, 1')],
      upper: join(home, 'dyno:1', 'upper'),
      work: join(home, 'dyno:1', 'work'),
      at: '/app',
    },
    { kind: 'bind', from: join(home, 'given'), at: '/given', readOnly: true },
  ]
}

async function scratch(t: TestContext, uid: number): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'tidemark sandbox,'))
  t.after(async () => {
    // overlayfs leaves a directory that not even its owner may read.
    await chmod(join(home, 'dyno:1/work/work'), 0o700).catch(() => {})
    await rm(home, { recursive: true, force: true })
  })
  for (const path of ['lower, 1', 'lower, 1/sub', 'given', 'dyno:1', 'dyno:1/upper', 'dyno:1/work'])
    await mkdir(join(home, path))
  await writeFile(join(home, 'lower, 1', 'greeting'), 'hello\n')
  await writeFile(join(home, 'lower, 1', 'gone'), '')
  await writeFile(join(home, 'given', 'file'), '')
  await writeFile(join(home, 'secret'), 'private')
  await chmod(home, 0o700)
  if (isRoot && uid !== 0) {
    for (const path of ['', ...(await readdir(home, { recursive: true }))])
      await chown(join(home, path), uid, uid)
  }
  return home
}

function runAs(isServerRoot: boolean, request: string, t: TestContext): Outcome | undefined {
  const program = [process.execPath, FIXTURE, request]
  const drop = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--']
  const [file = '', ...args] = isRoot && !isServerRoot ? [...drop, ...program] : program
  const { stdout, stderr, status } = spawnSync(file, args, { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  const outcome = JSON.parse(stdout) as Outcome
  if (!outcome.hasOverlay) t.skip(`this machine offers no overlay: ${outcome.caveats.join(' ')}`)
  return outcome.hasOverlay ? outcome : undefined
}
