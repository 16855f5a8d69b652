import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type Docker from 'dockerode'
import { BuildFailure } from '../../src/build/builder.ts'
import { removeContainers } from '../../src/build/builders/dockerfile/engine-build.ts'
import { connectEngine } from '../../src/docker/engine.ts'
import { loadImage } from '../../src/docker/load-image.ts'
import { installStack, testEngine } from '../support/docker.ts'
import { BUSYBOX, BUSYBOX_IMAGE, DockerfileBench } from '../support/dockerfile-bench.ts'
import { eventually } from '../support/eventually.ts'

const found = await testEngine()
const skip = found.skip ?? (existsSync(BUSYBOX) ? false : `${BUSYBOX} is not there: install busybox-static`)
const FROM = `FROM ${BUSYBOX_IMAGE}`

describe('a Dockerfile build', { skip }, () => {
  let bench: DockerfileBench
  const docker = (found as { engine: Docker }).engine

  before(async () => {
    bench = await DockerfileBench.open(docker)
  })
  after(async () => {
    await bench.close()
    assert.deepEqual(bench.troubles, [])
  })

  async function failed(building: Promise<unknown>): Promise<string> {
    const error = await building.then(
      () => assert.fail('it was built'),
      (error: unknown) => error,
    )
    assert.ok(error instanceof BuildFailure, String(error))
    return error.message
  }

  it('makes an image of the artifact store, and shows how', async () => {
    const source = {
      Dockerfile: `${FROM}\nARG SOURCE_VERSION\nRUN echo "of $SOURCE_VERSION" >&2\nCOPY . /srv\nWORKDIR /srv\nUSER 1000\nEXPOSE 80\nCMD ["./run", "it's"]\n`,
      run: '#!/bin/sh\n',
      'lib/a.txt': 'a',
    }
    const result = await bench.build({ source })
    assert.match(result.digest, /^sha256:[0-9a-f]{64}$/)
    assert.ok(result.size > 100_000)
    assert.deepEqual(result.processTypes, { web: "./run 'it'\\''s'" })
    assert.deepEqual(
      [result.kind, result.stack, result.buildpacks, result.buildpackDescription],
      ['oci-image', 'container', [], 'Dockerfile'],
    )
    assert.match(
      bench.output,
      /^-----> Building with Dockerfile\n-----> Step 1\/8: FROM .*\n-----> Step 2\/8: ARG SOURCE_VERSION\n-----> Step 3\/8: RUN .*\n {7}of de63889\n-----> Step 4\/8: COPY \. \/srv\n/,
    )
    assert.match(
      bench.output,
      /\n-----> Discovering process types\n {7}Dockerfile declares types -> web\n-----> Storing the image\.\.\. done, .*B\n$/,
    )
    assert.doesNotMatch(bench.output, / ---> |LABEL|Successfully|Removing/)
  })

  it('keeps what the image says of itself, and adds what runs in it', async () => {
    const Dockerfile = `${FROM}\nENV A=b\nLABEL mine=yes\nWORKDIR /srv\nUSER 1000\nRUN true\nCMD serve`
    const { digest } = await bench.build({ source: { Dockerfile, Procfile: 'worker: work' } })
    const { config, rootfs, container_config, os, history } = await bench.imageConfig(digest)
    assert.equal(config.Labels.mine, 'yes')
    assert.deepEqual(JSON.parse(config.Labels['tidemark.process-types']), { worker: 'work', web: 'serve' })
    assert.equal(config.Labels['tidemark.stack'], 'container')
    assert.deepEqual([config.WorkingDir, config.User, config.Cmd.at(-1)], ['/srv', '1000', 'serve'])
    assert.ok(config.Env.includes('A=b'))
    assert.equal(os, 'linux')
    assert.equal(container_config, undefined)
    assert.ok(rootfs.diff_ids.length >= 2)
    assert.doesNotMatch(JSON.stringify(history), /tidemark/, 'whoever pulls it sees nothing of ours')
  })

  it('can be given back to an engine that no longer has it, and runs there', async () => {
    const app = { appId: `load-${process.pid}` }
    const Dockerfile = `${FROM}\nRUN mkdir /srv && echo one > /srv/a && echo two > /srv/b\nRUN rm /srv/b\nWORKDIR /srv\nENV A=b\nCMD echo $A; cat *`
    const { digest, processTypes } = await bench.build({ source: { Dockerfile }, ...app })
    await bench.images.forget(docker, app.appId)
    const name = `tidemark-test/loaded:${process.pid}`
    const directory = await mkdtemp(join(bench.directory, 'load-'))
    const signal = new AbortController().signal
    await loadImage(docker, bench.store.exportImage(digest, signal), { name, directory, signal })
    try {
      assert.equal(await bench.run(name, processTypes.web ?? ''), 'b\none\n')
    } finally {
      await docker.getImage(name).remove()
    }
  })

  it('takes from the cache what did not change, and makes the same image of it', async () => {
    const source = { Dockerfile: `${FROM}\nRUN head -c 8 /dev/urandom > /random\nCOPY a /a\nCMD a`, a: '1' }
    const app = { appId: `cache-${process.pid}` }
    const first = await bench.build({ source, ...app })
    assert.doesNotMatch(bench.output, /Using cache/)
    const second = await bench.build({ source, ...app })
    assert.equal(bench.output.match(/Using cache/g)?.length, 3)
    assert.equal(second.digest, first.digest)
    await bench.build({ source: { ...source, a: '2' }, ...app })
    assert.equal(bench.output.match(/Using cache/g)?.length, 1)
    await rm(bench.cacheDirectory(app.appId), { recursive: true })
    assert.match(
      await failed(
        bench.build({ source: { Dockerfile: `${source.Dockerfile}\nRUN false`, a: '3' }, ...app }),
      ),
      /status 1/,
    )
    assert.equal(bench.output.match(/Using cache/g), null)
    await failed(bench.build({ source: { Dockerfile: `${source.Dockerfile}\nRUN false`, a: '3' }, ...app }))
    assert.equal(bench.output.match(/Using cache/g)?.length, 3, 'a failed build is taken up where it failed')
    const connect = async () => {
      await rm(bench.cacheDirectory(app.appId), { recursive: true })
      return docker
    }
    const purged = await bench.build({ source, ...app, connect })
    assert.doesNotMatch(bench.output, /Using cache/)
    assert.notEqual(purged.digest, first.digest)
  })

  it('removes from the engine what no later build needs, and nothing else', async () => {
    const { id: base, name: from } = await bench.baseImage()
    const bystander = await bench.image()
    const app = { appId: `tidy-${process.pid}` }
    const source = (name: string, end = '') => ({
      Dockerfile: `FROM ${from} AS one\nRUN echo > /${name}; echo ' ---> ${bystander.slice(7, 19)}'\nFROM ${from}\nENV SHARED=1\nCOPY --from=one /${name} /\n${end}`,
    })
    await bench.build({ source: source('a'), ...app })
    const first = await bench.imagesOn(base)
    await bench.build({ source: source('b'), ...app })
    const second = await bench.imagesOn(base)
    assert.equal(second.size, first.size)
    assert.equal([...second].filter(id => first.has(id)).length, 2, 'the base, and the step they share')
    await failed(bench.build({ source: source('c', 'RUN false'), ...app }))
    assert.ok(
      (await bench.imagesOn(base)).size > second.size,
      'steps of a failed build stay for the next try',
    )
    await bench.build({ source: source('b'), ...app })
    assert.deepEqual(await bench.imagesOn(base), second)
    await bench.images.sweep(docker, new Set([app.appId]))
    assert.deepEqual(await bench.imagesOn(base), second)
    await bench.images.sweep(docker, new Set())
    assert.deepEqual(await bench.imagesOn(base), new Set([base]))
    for (const id of [bystander, base]) await docker.getImage(id).remove()
  })

  it('calls an image so that no other app can start from it', async () => {
    const [one, other] = [`secretive-${process.pid}`, `curious-${process.pid}`]
    await bench.build({ source: { Dockerfile: `${FROM}\nCOPY secret /\nCMD x`, secret: 'x' }, appId: one })
    const curious = { Dockerfile: `FROM tidemark-build:${one}\nRUN cat /secret\nCMD x` }
    assert.equal(await bench.run(bench.images.tagOf(one), 'cat /secret'), 'x')
    assert.match(await failed(bench.build({ source: curious, appId: other })), /cannot be had/)
  })

  it('has nothing to do with images of other apps by their ids', async () => {
    await bench.build({ source: { Dockerfile: `${FROM}\nCOPY secret /\nCMD x`, secret: 'x' } })
    const { Id } = await docker.getImage(bench.images.tagOf(`app-${process.pid}`)).inspect()
    const short = Id.slice(7, 20)
    for (const Dockerfile of [
      `FROM ${short}`,
      `FROM ${Id}`,
      `ARG A="${short}"\nFROM $A`,
      `${FROM} AS a\nCOPY --fr"om"=${short} /secret /`,
      `${FROM}\nONBUILD COPY --from=${short} /secret /`,
    ])
      assert.match(
        await failed(bench.build({ source: { Dockerfile: `${Dockerfile}\nCMD x` }, appId: 'curious' })),
        /^Dockerfile line \d: (sha256:)?\$?\w+ may be the id of an image, .*Name the image and its tag/,
      )
    const stage = `${FROM} AS cafe\nRUN true\nFROM cafe\nCOPY --from=cafe /bin/sh /a\nCOPY --from=0 /bin/sh /b\nCMD x`
    await bench.build({ source: { Dockerfile: stage }, appId: 'curious' })
  })

  it('has nothing to do with them by what an image brings along, either', async () => {
    await bench.build({ source: { Dockerfile: `${FROM}\nCOPY secret /\nCMD x`, secret: 'x' } })
    const { Id } = await docker.getImage(bench.images.tagOf(`app-${process.pid}`)).inspect()
    const trigger = `COPY --from=${Id.slice(7, 20)} /secret /`
    const { name } = await bench.baseImage(`ONBUILD RUN true\nONBUILD ${trigger}`)
    const { name: good } = await bench.baseImage(`ONBUILD COPY --from=${BUSYBOX_IMAGE} /bin/busybox /`)
    // A program that feigns to begin a step, and never to end, hides nothing.
    const first = `${FROM}\nRUN echo; echo 'Step 2/2 : RUN true'; echo ' ---> Running in ${'0'.repeat(12)}'`
    const source = { Dockerfile: `${first}\nFROM ${name}\nRUN cat /secret\nCMD x` }
    const said = await failed(bench.build({ source, appId: 'curious' }))
    assert.ok(said.startsWith(`The image it starts FROM says ONBUILD ${trigger}: that may be the id`), said)
    // What the variables might come to as well is no name of an image.
    const [repo, tag] = good.split(/:(?=[^:]*$)/)
    const parts = `ARG SLASH=\nARG TAG=${tag}\nFROM ${repo}:$TAG AS x\nFROM ${repo}\${SLASH:+//é?}:$TAG`
    await bench.build({ source: { Dockerfile: `${parts}\nCMD x` }, appId: 'curious' })
    for (const image of [name, good]) await docker.getImage(image).remove({ force: true })
  })

  it('leaves to another app what both made', async () => {
    const { id: base, name } = await bench.baseImage()
    const source = { Dockerfile: `FROM ${name}\nRUN true\nCMD x` }
    const [one, other] = [`one-${process.pid}`, `other-${process.pid}`]
    await bench.build({ source: { ...source, Dockerfile: `${source.Dockerfile}\nENV A=b` }, appId: other })
    const made = await bench.build({ source, appId: one })
    const same = await bench.build({ source, appId: other })
    assert.equal(same.digest, made.digest)
    await bench.images.forget(docker, one)
    assert.equal(await bench.run(bench.images.tagOf(other), 'echo still there'), 'still there\n')
    await bench.images.forget(docker, other)
    await bench.images.sweep(docker, new Set())
    assert.deepEqual(await bench.imagesOn(base), new Set([base]))
    await docker.getImage(base).remove()
  })

  it('says which line of the Dockerfile failed', async () => {
    const before = await containersOf('exit 3')
    const Dockerfile = `${FROM}\n\nRUN echo working \\\n  && exit 3\n`
    assert.equal(
      await failed(bench.build({ source: { Dockerfile } })),
      'Dockerfile line 3: RUN ended with status 3. What it printed is above.',
    )
    assert.match(bench.output, /\n {7}working\n$/)
    assert.deepEqual(await containersOf('exit 3'), before)
    for (const [lines, sentence] of [
      [`${FROM}\nFRMO x`, /^Dockerfile line 2: unknown instruction: FRMO/],
      [`${FROM}\nCOPY nothing /`, /^Dockerfile line 2: COPY failed: .*nothing/],
      ['# empty', /^Dockerfile cannot be built\. The Docker engine says: .*/],
      [
        'FROM localhost:1/absent',
        /^Dockerfile line 1: the image localhost:1\/absent cannot be had\. .*refused/,
      ],
      [
        'FROM --platform=linux/amd64 localhost:1/absent',
        /^Dockerfile line 1: the image localhost:1\/absent cannot be had/,
      ],
      [`${FROM}\nRUN <<EOF\n\necho x\nEOF\nCMD x`, /^Dockerfile line 2: .*BuildKit.*classic builder/],
      [`${FROM}\nCOPY --link . /`, /^Dockerfile line 2: .*link.*classic builder/],
      [`${FROM}\nRUN --mount=type=cache,target=/c true`, /^Dockerfile.*BuildKit.*classic builder/],
    ] as const)
      assert.match(await failed(bench.build({ source: { Dockerfile: lines } })), sentence)
  })

  it('takes no word of a program for the word of the engine', async () => {
    const lie = `echo 'Step 4/4 : RUN true'`
    const Dockerfile = `${FROM}\nRUN echo && ${lie}\nRUN ${lie} && exit 3\nRUN true\n`
    assert.match(await failed(bench.build({ source: { Dockerfile } })), /^Dockerfile line 3: RUN ended/)
    assert.match(bench.output, /\n-----> Step 2\/4: .*\n {7}\n {7}Step 4\/4 : RUN true\n-----> Step 3\/4: /)
  })

  it('tells what a base image has done from the lack of that image', async () => {
    const { name } = await bench.baseImage('ONBUILD RUN echo triggered\nONBUILD STOPSIGNAL nonsense')
    assert.equal(
      await failed(bench.build({ source: { Dockerfile: `FROM ${name}\nCMD x` } })),
      `Dockerfile line 1: ONBUILD of the image ${name} failed. Invalid signal: nonsense.`,
    )
    assert.match(bench.output, /\n {7}triggered\n/)
    await docker.getImage(name).remove()
  })

  it('kills what it runs when it is stopped, or takes too long', async () => {
    const source = (name: string) => ({ Dockerfile: `${FROM}\nRUN echo begun && sleep ${name}\n` })
    const stop = new AbortController()
    const onOutput = (output: string) => {
      if (output.includes('begun\n')) stop.abort(new Error('enough'))
    }
    await assert.rejects(bench.build({ source: source('61234'), signal: stop.signal, onOutput }), /enough/)
    assert.deepEqual(await containersOf('61234'), [])
    assert.match(
      await failed(bench.build({ source: source('61235'), limits: { duration: 3000 } })),
      /^The build took longer than 3 s and was stopped\./,
    )
    assert.deepEqual(await containersOf('61235'), [])
    const stopped = AbortSignal.abort(new Error('not at all'))
    await assert.rejects(bench.build({ source: source('61236'), signal: stopped }), /not at all/)
  })

  it('kills nothing else, whatever its programs print', async () => {
    const begunAt = Date.now() - 60_000
    const create = (Image: string) => docker.createContainer({ Image, Cmd: ['sleep', '61237'] })
    const { Id } = await docker.getImage(BUSYBOX_IMAGE).inspect()
    const [dyno, step] = [await create(BUSYBOX_IMAGE), await create(Id)]
    try {
      await removeContainers(docker, [dyno.id.slice(0, 12), step.id.slice(0, 12)], begunAt)
      assert.deepEqual(await containersOf('61237'), [dyno.id])
    } finally {
      await dyno.remove()
    }
  })

  it('says so when the connection to the engine breaks, upon which the engine stops as well', async () => {
    const socket = join(bench.directory, 'engine.sock')
    const between: Socket[] = []
    const proxy = createServer(client => {
      const real = connect('/var/run/docker.sock')
      between.push(client, real)
      for (const end of [client, real]) end.on('error', () => {})
      client.pipe(real).pipe(client)
    })
    await once(proxy.listen(socket), 'listening')
    const cut = (output: string) => {
      if (output.includes('begun\n')) for (const end of between) end.destroy()
    }
    try {
      const source = { Dockerfile: `${FROM}\nRUN echo begun && sleep 61237\n` }
      const building = bench.build({ source, connect: () => connectEngine({ socket }), onOutput: cut })
      assert.match(
        await failed(building),
        /^The connection to the Docker engine broke while it was building\. .*deploy again\.$/,
      )
      await eventually(
        'the container gone',
        async () => (await containersOf('61237')).length === 0 || undefined,
      )
    } finally {
      proxy.close()
    }
  })

  it('leaves out what .dockerignore says, and sees nothing but its context', async () => {
    const result = bench.build({
      source: {
        'heroku.yml':
          'build:\n  docker:\n    web:\n      dockerfile: docker/Dockerfile\n      target: this\n',
        'docker/Dockerfile': `${FROM} AS this\nCOPY . /srv\nRUN cd /srv && find . -type f\nCMD x\n${FROM}\nRUN false`,
        'docker/.dockerignore': '*\n!kept\n**/secret\n',
        'docker/kept/a': '',
        'docker/kept/secret': '',
        'docker/b': '',
        outside: '',
      },
    })
    assert.equal((await result).buildpackDescription, 'heroku.yml')
    assert.deepEqual(printed(bench.output, 'find'), ['./kept/a'])
    assert.match(bench.output, /Step 4\/4: CMD x\n-----> Discovering/)
  })

  it('shows nothing of heroku.yml that plays tricks on a terminal', async () => {
    const source = { Dockerfile: `${FROM}\nCMD x`, 'heroku.yml': '"\\e[2J\\e[31mx\\ny": 1\n' }
    await bench.build({ source })
    assert.match(bench.output, /^ ! {5}heroku\.yml: x y is left alone/)
  })

  it('has the arguments of heroku.yml, and none of the config vars', async () => {
    await bench.build({
      source: {
        'heroku.yml':
          'setup: {}\nbuild:\n  config:\n    GIVEN: from heroku.yml\nrelease:\n  command: [migrate]\nrun:\n  web: serve "$PORT"\n  worker: work && rest\n',
        Dockerfile: `${FROM}\nARG GIVEN\nRUN env\nENTRYPOINT ["/entry"]\n`,
      },
      config: { SECRET: 'hidden' },
    })
    const environment = printed(bench.output, 'env')
    assert.ok(environment.includes('GIVEN=from heroku.yml'))
    assert.ok(!environment.some(line => /hidden|SECRET|SOURCE_VERSION/.test(line)))
    assert.match(bench.output, /^ ! {5}heroku\.yml: setup is left alone/)
    assert.match(bench.output, /heroku\.yml declares types -> release, web, worker/)
  })

  it('runs an ENTRYPOINT in shell form as the engine would, with any SHELL', async () => {
    const app = { appId: `entry-${process.pid}` }
    for (const shell of ['', 'SHELL ["/bin/sh", "-e", "-c"]\n']) {
      const Dockerfile = `${FROM}\n${shell}ENTRYPOINT echo "entry of $0"\n`
      const { processTypes } = await bench.build({ source: { Dockerfile, Procfile: 'worker: work' }, ...app })
      const image = bench.images.tagOf(app.appId)
      assert.equal(await bench.run(image, processTypes.worker ?? ''), 'entry of work\n')
    }
  })

  it('leaves SOURCE_VERSION to the Dockerfile where the build has no version', async () => {
    const Dockerfile = `${FROM}\nARG SOURCE_VERSION=none\nRUN echo "of $SOURCE_VERSION"\nCMD x`
    await bench.build({ source: { Dockerfile }, sourceVersion: null })
    assert.match(bench.output, /\n {7}of none\n/)
  })

  it('keeps to limits of output, size and network', async () => {
    const Dockerfile = `${FROM}\nRUN ls /sys/class/net; seq 10000\nCMD x`
    await bench.build({ source: { Dockerfile }, limits: { outputBytes: 3000 } })
    assert.match(bench.output, /\n {7}lo\n {7}1\n/)
    assert.match(bench.output, /The output is longer than 3\.0kB/)
    assert.match(
      await failed(bench.build({ source: { Dockerfile }, limits: { imageBytes: 10_000 } })),
      /^The image is too large: .*kB \(max is 10kB\)\./,
    )
    await bench.build({
      source: { Dockerfile: `${FROM}\nRUN true\nCMD x` },
      limits: { memoryBytes: 64_000_000, cpus: 0.5 },
    })
  })

  it('says what is missing', async () => {
    const socket = '/nonexistent/docker.sock'
    for (const [given, sentence] of [
      [
        { source: { Dockerfile: FROM }, connect: () => connectEngine({ socket }) },
        /nothing answers on its socket.*deploy again/,
      ],
      [{ source: { Procfile: 'web: x' } }, /^There is no Dockerfile/],
      [{ source: { Dockerfile: 'ARG A=b' } }, /^Dockerfile has no FROM\. Say which/],
      [
        { source: { Dockerfile: Array.from({ length: 9000 }, (_, index) => `FROM x:${index}\n`).join('') } },
        /^Dockerfile starts from more than 200 images\./,
      ],
      [
        { source: { 'heroku.yml': 'build: {docker: {web: d/Dockerfile}}' } },
        /^heroku\.yml names d\/Dockerfile/,
      ],
      [
        { source: { 'heroku.yml': 'build: {docker: {web: d/Dockerfile}}', d: '' } },
        /^heroku\.yml names d\/Dockerfile, which is not in the source/,
      ],
      [
        { source: { 'heroku.yml': `build: {docker: {web: ${'d'.repeat(300)}}}` } },
        /^heroku\.yml names d+, which is not in the source/,
      ],
      [{ source: { Dockerfile: 'FROM scratch\nCMD ["x"]' } }, /^The image holds no files\. COPY what/],
      [{ source: { 'heroku.yml': 'run:\n  web:\n' } }, /^heroku\.yml line 2: run\.web is empty\.$/],
      [
        { source: { Dockerfile: `\ufeff${FROM}`.replace(/./gs, '$&\0') } },
        /^Dockerfile is no UTF-8 text: .*Save it as UTF-8\.$/,
      ],
    ] as const)
      assert.match(await failed(bench.build(given)), sentence)
  })

  it('names the file whose name is not UTF-8', async () => {
    const connect = async () => {
      const directory = join(bench.directory, `build-${bench.count - 1}/source/`)
      await writeFile(Buffer.concat([Buffer.from(`${directory}caf`), Buffer.from([0xe9])]), '')
      return docker
    }
    const building = bench.build({ source: { Dockerfile: `${FROM}\nCMD x` }, connect })
    assert.match(await failed(building), /^The name of caf\ufffd is not UTF-8\. Rename it/)
  })

  it('builds the apps of the fixtures, whose command lines do what their images say', async () => {
    await installStack()
    const app = { appId: `fixture-${process.pid}` }
    const plain = await bench.build({ source: 'dockerfile-app', ...app })
    assert.deepEqual(plain.processTypes, { web: "node server.mjs 'hello from a Dockerfile'" })
    assert.equal(
      await bench.run(bench.images.tagOf(app.appId), 'cat version.txt && ls'),
      'Built from de63889\nserver.mjs\nversion.txt\n',
    )
    const manifest = await bench.build({ source: 'heroku-yml-app', ...app })
    assert.deepEqual(manifest.processTypes, {
      web: 'node server.mjs',
      worker: 'node worker.mjs',
      release: 'echo "Releasing $GREETING"',
    })
    assert.equal(
      await bench.run(bench.images.tagOf(app.appId), manifest.processTypes.release ?? ''),
      'Releasing none\n',
    )
    const worker = `${manifest.processTypes.worker} & sleep 3; kill $!`
    assert.equal(await bench.run(bench.images.tagOf(app.appId), worker), 'Working: hello from heroku.yml\n')
  })

  it('leaves nothing in its work directory', async () => {
    await bench.build({ source: { Dockerfile: `${FROM}\nCMD x` } })
    assert.deepEqual(await readdir(join(bench.directory, `build-${bench.count - 1}`, 'work')), [])
  })

  /** Containers whose command has `text` in it. */
  async function containersOf(text: string): Promise<string[]> {
    const containers = await docker.listContainers({ all: true })
    return containers.filter(({ Command }) => Command.includes(text)).map(({ Id }) => Id)
  }
})

/** The lines that the step with `text` in it printed. */
function printed(output: string, text: string): string[] {
  const step = output.split(/^-----> /m).find(part => part.startsWith('Step') && part.includes(text)) ?? ''
  return step
    .split('\n')
    .slice(1)
    .map(line => line.trim())
    .filter(line => line !== '')
}
