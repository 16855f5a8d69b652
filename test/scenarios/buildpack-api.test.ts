import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { BuildFailure } from '../../src/build/builder.ts'
import { plainSandbox } from '../../src/sandbox/plain.ts'
import { probe } from '../../src/sandbox/probe.ts'
import { BuildBench, type BuildCase } from '../support/build-bench.ts'

const isRoot = process.getuid?.() === 0
const app = { Procfile: 'web: run it\n' }
const layout = await mkdtemp(join(tmpdir(), 'tidemark-sandbox-'))

const SANDBOXES = [
  { name: 'without isolation', make: async () => plainSandbox(isRoot) },
  {
    name: 'with what this machine offers',
    make: () => probe({ directory: layout, extraReadOnly: [dirname(process.execPath)] }),
  },
]
after(() => rm(layout, { recursive: true, force: true }))

for (const { name, make } of SANDBOXES) {
  describe(`classic buildpack API, ${name}`, () => {
    let bench: BuildBench
    before(async () => {
      bench = await BuildBench.open(await make())
    })
    after(() => bench.close())

    async function failure(given: BuildCase): Promise<string> {
      const error: unknown = await bench.build(given).then(
        () => assert.fail('it was built'),
        (error: unknown) => error,
      )
      assert.ok(error instanceof BuildFailure, String(error instanceof Error ? error.stack : error))
      return error.message
    }

    it('prints what the person pushing knows, and pins what it detected', async () => {
      const { result, output } = await bench.build({ source: 'procfile-only' })
      assert.match(
        output,
        /^-----> Building on the Tidemark-1 stack\n-----> Determining which buildpack to use for this app\n-----> Procfile app detected\n {7}Nothing to build.*\n-----> Discovering process types\n {7}Procfile declares types {5}-> clock, web, worker\n-----> Compressing\.\.\. done, [\d.]+kB\n$/,
      )
      assert.deepEqual(result.buildpacks, [{ url: 'tidemark/procfile', name: 'tidemark/procfile' }])
      assert.equal(result.buildpackDescription, 'Procfile')
      assert.deepEqual(result.processTypes, {
        web: 'node server.mjs',
        worker: 'node worker.mjs',
        clock: 'bash clock.sh',
      })
    })

    it('gives config vars as files only, and an environment with nothing of the server in it', async () => {
      const print = await bench.buildpack('print', {
        'bin/compile':
          '#!/usr/bin/env bash\ncd "$1"\nenv | cut -d= -f1 | sort > names\nstat -c %a "$3/TOKEN" > mode\ncat "$3/TOKEN" > token\necho "$STACK $SOURCE_VERSION $REQUEST_ID" > known\nid -u > user\n',
      })
      process.env.SERVER_SECRET = 'not for builds'
      const { layers } = await bench.build({ source: app, buildpacks: [print], config: { TOKEN: 'a b\n$c' } })
      delete process.env.SERVER_SECRET
      const read = (file: string) => readFile(join(layers.at(-1) ?? '', 'app', file), 'utf8')
      assert.equal(await read('token'), 'a b\n$c')
      assert.equal(await read('mode'), '600\n')
      assert.equal(await read('known'), 'tidemark-1 de63889 b1\n')
      if (isRoot) assert.equal(await read('user'), '65534\n')
      const names = new Set((await read('names')).trim().split('\n'))
      for (const name of ['PATH', 'HOME', 'STACK', 'SOURCE_VERSION', 'REQUEST_ID'])
        assert.ok(names.has(name), name)
      for (const name of ['SERVER_SECRET', 'TOKEN']) assert.ok(!names.has(name), name)
    })

    it('runs several in order: exports reach the next, the last one’s defaults win, the Procfile wins over all', async () => {
      const first = await bench.buildpack('first', {
        'bin/compile':
          '#!/usr/bin/env bash\nmkdir -p "$1/.profile.d" "$1/vendor"\necho "export A=1" > "$1/.profile.d/first.sh"\necho lib > "$1/vendor/lib"\necho \'export FROM_FIRST="it works"\' > "$(dirname "$0")/../export"\n',
        'bin/release':
          '#!/bin/sh\nprintf -- "---\\ndefault_process_types:\\n  web: first\\n  worker: first\\n  console: first\\naddons:\\n  - db\\n"\n',
      })
      const second = await bench.buildpack('second', {
        'bin/compile': '#!/bin/sh\necho "-----> Hello from second: $FROM_FIRST"\n',
        'bin/release': '#!/bin/sh\nprintf -- "---\\ndefault_process_types:\\n  worker: second\\n"\n',
      })
      const { result, output, layers } = await bench.build({ source: app, buildpacks: [first, second] })
      assert.match(
        output,
        /-----> Using buildpacks:\n {7}1\. first\n {7}2\. second\n-----> first app detected\n/,
      )
      assert.match(output, /-----> second app detected\n-----> Hello from second: it works\n/)
      assert.match(output, /Default types for buildpack -> console, web, worker\n/)
      assert.deepEqual(result.processTypes, { web: 'run it', worker: 'second', console: 'first' })
      assert.equal(result.buildpackDescription, 'first, second')
      assert.equal(layers.length, 2)
      assert.equal(await readFile(join(layers[0] ?? '', 'app/vendor/lib'), 'utf8'), 'lib\n')
      assert.equal(await readFile(join(layers[1] ?? '', 'app/.profile.d/first.sh'), 'utf8'), 'export A=1\n')
    })

    it('keeps CACHE_DIR between builds of the app', async () => {
      const count = await bench.buildpack('count', {
        'bin/compile': '#!/bin/sh\necho x >> "$2/builds"\nwc -l < "$2/builds"\n',
      })
      await bench.build({ source: app, buildpacks: [count] })
      const { output } = await bench.build({ source: app, buildpacks: [count] })
      assert.match(output, /^2$/m)
    })

    it('fetches buildpacks with git, by branch', async () => {
      const { url } = await bench.buildpack('remote', { 'bin/compile': '#!/bin/sh\necho from main\n' })
      const git = (...args: string[]) =>
        execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { cwd: url })
      git('init', '--quiet', '--initial-branch=main')
      git('add', '.')
      git('commit', '--quiet', '--message=one')
      git('checkout', '--quiet', '-b', 'next')
      execFileSync('sed', ['-i', 's/from main/from next/', 'bin/compile'], { cwd: url })
      git('commit', '--quiet', '--all', '--message=two')
      const remote = `file://${url}`
      for (const [ref, said] of [
        ['#main', 'from main'],
        ['#next', 'from next'],
        ['', 'from next'],
      ]) {
        const { output } = await bench.build({
          source: app,
          buildpacks: [{ url: `${remote}${ref}`, name: remote }],
        })
        assert.match(output, new RegExp(`^${said}$`, 'm'))
      }
      assert.match(
        await failure({ source: app, buildpacks: [{ url: `${remote}#none`, name: 'x' }] }),
        /could not be fetched/,
      )
    })

    it('says why a buildpack cannot be used', async () => {
      const nothing = await bench.buildpack('nothing', { 'bin/detect': '#!/bin/sh\nexit 1\n' })
      assert.match(
        await failure({ source: app, buildpacks: [nothing] }),
        /App not compatible with buildpack: .*nothing\./,
      )
      for (const [url, sentence] of [
        ['/nowhere', /\/nowhere does not exist/],
        [join(bench.directory, 'store', 'blobs'), /belongs to the platform/],
        ['/usr', /is not a buildpack: it has no executable bin\/detect/],
        ['ssh://git@host/path', /is unknown. Use a built-in one/],
      ] as const) {
        assert.match(await failure({ source: app, buildpacks: [{ url, name: url }] }), sentence)
      }
    })

    it('fails with the reason: no buildpack applies, compile fails, bad Procfile, bad release file', async () => {
      assert.match(
        await failure({ source: 'no-buildpack' }),
        /^No default language could be detected for this app\./,
      )
      assert.match(await failure({ source: 'bad-procfile' }), /^Procfile line 2: expected/)
      const failing = await bench.buildpack('failing', {
        'bin/compile': '#!/bin/sh\necho about to fail >&2\nexit 3\n',
      })
      assert.equal(
        await failure({ source: app, buildpacks: [failing] }),
        'Push rejected, failed to compile failing app.',
      )
      assert.match(bench.output, /^about to fail$/m)
      for (const [printed, sentence] of [
        ['- a', /no YAML mapping/],
        ['a: [', /cannot be read/],
        ['default_process_types: {web: ""}', /web has no command/],
      ] as const) {
        const broken = await bench.buildpack('broken', {
          'bin/release': `#!/bin/sh\ncat <<'E'\n${printed}\nE\n`,
        })
        assert.match(await failure({ source: app, buildpacks: [broken] }), sentence)
      }
    })

    it('stops a build that hangs, children and all', async () => {
      const hanging = await bench.buildpack('hanging', {
        'bin/compile': '#!/usr/bin/env bash\nsleep 987654 &\ntrap "" TERM\necho started\nwait\n',
      })
      assert.match(
        await failure({ source: app, buildpacks: [hanging], limits: { duration: 1500 } }),
        /took longer than 2 s and was stopped/,
      )
      assert.match(bench.output, /^started$/m)
      assert.equal(running('sleep 987654'), false)
    })

    it('stops when it is told to, and kills what it started', async () => {
      const stop = new AbortController()
      const waiting = await bench.buildpack('waiting', {
        'bin/compile': '#!/bin/sh\necho started\nsleep 987655\n',
      })
      const onOutput = (output: string) => {
        if (output.includes('started')) stop.abort()
      }
      await assert.rejects(
        bench.build({ source: app, buildpacks: [waiting], signal: stop.signal, onOutput }),
        {
          name: 'AbortError',
        },
      )
      assert.equal(running('sleep 987655'), false)
    })

    it('bounds what a build prints', async () => {
      const flooding = await bench.buildpack('flooding', {
        'bin/compile':
          '#!/usr/bin/env bash\nyes "all work and no play" | head -c 3000000\nhead -c 50000 /dev/zero | tr "\\0" x\n',
      })
      await bench.build({ source: app, buildpacks: [flooding], limits: { outputBytes: 100_000 } })
      assert.ok(bench.output.length < 300_000, String(bench.output.length))
      assert.match(
        bench.output,
        /The output is longer than 100\.0kB: the rest is not shown\.\n-----> Discovering/,
      )
    })

    it('refuses a slug over the limit, with its true size', async () => {
      const source = { ...app, noise: randomBytes(200_000).toString('base64') }
      assert.match(
        await failure({ source, limits: { slugBytes: 100_000 } }),
        /^Compiled slug size: 20\d\.\dkB is too large \(max is 100kB\)\.$/,
      )
    })

    it('leaves no config vars on the disk', async () => {
      await bench.build({ source: app, config: { TOKEN: 'a-very-secret-value' } })
      const found = execFileSync(
        'sh',
        ['-c', 'grep -rl a-very-secret-value "$1" || true', 'sh', bench.directory],
        { encoding: 'utf8' },
      )
      assert.equal(found, '')
    })
  })
}

function running(command: string): boolean {
  if (!existsSync('/proc')) return false
  return execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n').includes(command)
}
