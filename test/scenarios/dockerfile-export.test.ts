import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { after, before, describe, it, type TestContext } from 'node:test'
import type Docker from 'dockerode'
import { BuildFailure, type BuildResult } from '../../src/build/builder.ts'
import { connectEngine } from '../../src/docker/engine.ts'
import { engineBut } from '../contracts/engine-but.ts'
import { testEngine } from '../support/docker.ts'
import { BUSYBOX, BUSYBOX_IMAGE, DockerfileBench } from '../support/dockerfile-bench.ts'

const found = await testEngine()
const skip = found.skip ?? (existsSync(BUSYBOX) ? false : `${BUSYBOX} is not there: install busybox-static`)

describe('an image on its way out of the engine', { skip }, () => {
  let bench: DockerfileBench

  before(async () => {
    bench = await DockerfileBench.open((found as { engine: Docker }).engine)
  })
  after(() => bench.close())

  /** Builds with an engine that answers as `answer` says when it is asked for the image. */
  async function build(
    t: TestContext,
    answer: (response: ServerResponse) => void,
    signal: AbortSignal,
  ): Promise<BuildResult> {
    const isExport = (path: string) => /\/images\/[^/]+\/get$/.test(path)
    const { socket, close } = await engineBut((_, path) => (isExport(path) ? answer : 'pass'))
    t.after(close)
    const source = { Dockerfile: `FROM ${BUSYBOX_IMAGE}\nCMD x` }
    return bench.build({ source, signal, connect: () => connectEngine({ socket }) })
  }

  it('is not waited for once the build is cancelled, and not taken when it comes late', async t => {
    const stop = new AbortController()
    const asked = Promise.withResolvers<ServerResponse>()
    const building = build(t, asked.resolve, stop.signal)
    const response = await asked.promise
    stop.abort(new Error('enough'))
    await assert.rejects(building, /enough/)
    response.writeHead(200).write('late')
    await once(response, 'close')
  })

  it('is cut off when the connection breaks, and the build says so', async t => {
    const cut = (response: ServerResponse) => {
      response.writeHead(200).write(Buffer.alloc(100), () => response.destroy())
    }
    await assert.rejects(build(t, cut, AbortSignal.timeout(60_000)), (error: unknown) => {
      assert.ok(error instanceof BuildFailure, String(error))
      assert.match(
        error.message,
        /^The connection to the Docker engine broke while it sent .*deploy again\.$/,
      )
      return true
    })
  })
})
