import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import type Docker from 'dockerode'
import { BuildFailure } from '../../src/build/builder.ts'
import { testEngine } from '../support/docker.ts'
import { BUSYBOX, BUSYBOX_IMAGE, DockerfileBench } from '../support/dockerfile-bench.ts'
import { Registry, withoutRegistry } from '../support/registry.ts'

const found = await testEngine()
const withoutBusybox = existsSync(BUSYBOX) ? false : `${BUSYBOX} is not there: install busybox-static`
const skip = found.skip ?? (withoutBusybox || withoutRegistry)

describe('a Dockerfile build whose base is in a registry', { skip }, () => {
  const engine = (found as { engine: Docker }).engine
  let bench: DockerfileBench
  let registry: Registry
  let base: string

  before(async () => {
    bench = await DockerfileBench.open(engine)
    registry = await Registry.start()
    base = await pushed()
  })
  after(async () => {
    await registry?.[Symbol.asyncDispose]()
    await bench.close()
    await engine.getImage(base).remove()
    assert.deepEqual(bench.troubles, [])
  })

  /** A base that is in the registry, and no longer in the engine: large enough for the engine to tell how its pull goes. */
  async function pushed(): Promise<string> {
    const appId = `base-${process.pid}`
    const layer = (name: string) => `RUN head -c 8000000 /dev/urandom > /${name}\n`
    const Dockerfile = `FROM ${BUSYBOX_IMAGE}\n${layer('one')}${layer('two')}ENV BASE=pulled\nCMD x`
    await bench.build({ source: { Dockerfile }, appId })
    const name = await registry.push(engine, bench.images.tagOf(appId), 'base:1')
    await bench.images.forget(engine, appId)
    return name
  }

  async function failed(from: string): Promise<string> {
    const error = await bench.build({ source: { Dockerfile: `FROM ${from}\nCMD x` } }).then(
      () => assert.fail('it was built'),
      (error: unknown) => error,
    )
    assert.ok(error instanceof BuildFailure, String(error))
    return error.message
  }

  it('pulls it, in a few plain lines, and once', async () => {
    const Dockerfile = `FROM ${base}\nRUN echo "base: $BASE" && ls /one /two\nCMD x`
    const { size } = await bench.build({ source: { Dockerfile } })
    assert.ok(size > 16_000_000)
    const [, pull = ''] = /-----> Step 1\/3: FROM [^\n]*\n(.*?)-----> Step 2/s.exec(bench.output) ?? []
    assert.match(
      pull,
      /^ {7}Pulling from base\n {7}Digest: sha256:[0-9a-f]{64}\n {7}Status: Downloaded newer image for .*\n$/,
    )
    assert.match(bench.output, /\n {7}base: pulled\n {7}\/one\n {7}\/two\n/)
    await bench.build({ source: { Dockerfile } })
    assert.doesNotMatch(bench.output, /Pulling/)
  })

  it('says which line names one that is not there', async () => {
    for (const absent of ['base:2', 'other:1']) {
      const name = `${registry.host}/${absent}`
      assert.match(
        await failed(name),
        new RegExp(`^Dockerfile line 1: the image ${name} cannot be had\\. .*\\.$`),
      )
    }
  })

  it('is not removed where it has no name but its digest, whatever a build printed', async () => {
    await bench.build({ source: { Dockerfile: `FROM ${base}\nCMD x` } })
    const { Id, RepoDigests } = await engine.getImage(base).inspect()
    const [pinned = ''] = RepoDigests
    await bench.images.forget(engine, `app-${process.pid}`)
    await engine.getImage(base).remove()
    await promisify(engine.modem.followProgress.bind(engine.modem))(await engine.pull(pinned))
    await bench.images.note('curious', Id.slice(7, 19), 0)
    await bench.images.clean(engine, 'curious', new Set())
    assert.deepEqual((await engine.getImage(Id).inspect()).RepoDigests, [pinned])
    const [repo = '', tag = ''] = base.split(/:(?=\d+$)/)
    await engine.getImage(Id).tag({ repo, tag })
  })
})
