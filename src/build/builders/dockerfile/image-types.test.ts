import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HerokuYml } from './heroku-yml.ts'
import { imageTypes, type TypeSources } from './image-types.ts'

const SERVER = { entrypoint: [], cmd: ['node', 'server.js'] }
const NOTHING = { entrypoint: [], cmd: [] }

function typesOf(given: Partial<TypeSources>) {
  return imageTypes({ manifest: undefined, procfile: {}, image: SERVER, saysWhatToRun: true, ...given })
}

function manifest(given: Partial<HerokuYml>): HerokuYml {
  return { image: null, buildArguments: {}, commands: {}, imageTypes: [], remarks: [], ...given }
}

describe('the process types of an image', () => {
  it('are the image itself as web', () => {
    assert.deepEqual(typesOf({}), { types: { web: 'node server.js' }, origin: 'Dockerfile', remarks: [] })
  })

  it('are those of the Procfile, and web from the Dockerfile where that has a say', () => {
    const procfile = { worker: 'node worker.js', release: './migrate' }
    assert.deepEqual(typesOf({ procfile }).types, { ...procfile, web: 'node server.js' })
    assert.deepEqual(typesOf({ procfile, saysWhatToRun: false }).types, procfile)
    assert.deepEqual(typesOf({ procfile: { web: 'a' } }).types, { web: 'a' })
  })

  it('are those of heroku.yml, whatever a Procfile says', () => {
    const { types, origin } = typesOf({
      manifest: manifest({ commands: { web: 'a', release: 'b' }, imageTypes: ['worker'] }),
      procfile: { clock: 'c' },
    })
    assert.deepEqual(types, { web: 'a', release: 'b', worker: 'node server.js' })
    assert.equal(origin, 'heroku.yml')
  })

  it('have a web where heroku.yml says nothing of what runs', () => {
    assert.deepEqual(typesOf({ manifest: manifest({}) }).types, { web: 'node server.js' })
    assert.deepEqual(typesOf({ manifest: manifest({ commands: { release: 'b' } }) }).types, {
      web: 'node server.js',
      release: 'b',
    })
    assert.deepEqual(typesOf({ manifest: manifest({ commands: { worker: 'b' } }) }).types, { worker: 'b' })
  })

  it('keep the entrypoint of the image before their commands', () => {
    const image = { entrypoint: ['/entry'], cmd: ['serve'] }
    const procfile = { worker: 'work hard' }
    assert.deepEqual(typesOf({ image, procfile }).types, { web: '/entry serve', worker: '/entry work hard' })
  })

  it('run an entrypoint in shell form in place of their commands, with a remark', () => {
    const image = { entrypoint: ['/bin/bash', '-c', 'exec server'], cmd: [] }
    const line = "/bin/bash -c 'exec server'"
    assert.deepEqual(typesOf({ image }), { types: { web: line }, origin: 'Dockerfile', remarks: [] })
    const { types, remarks } = typesOf({ image, procfile: { worker: 'work', release: 'a && b' } })
    assert.deepEqual(types, {
      web: line,
      worker: `${line} work`,
      release: `${line} /bin/sh -c 'a && b'`,
    })
    assert.equal(remarks.length, 1)
    assert.match(remarks.join(), /runs in place of what is declared for worker, release\. Write it as a list/)
  })

  it('are none where nobody says what to run, with a remark', () => {
    const { types, remarks } = typesOf({ image: NOTHING, saysWhatToRun: false })
    assert.deepEqual(types, {})
    assert.deepEqual(typesOf({ image: { entrypoint: [], cmd: ['/bin/sh', '-c', ''] } }).types, {})
    assert.deepEqual(remarks, ['The image does not say what web runs. Add a CMD to the Dockerfile.'])
    assert.match(
      typesOf({ procfile: { worker: 'a' }, image: NOTHING, saysWhatToRun: false }).remarks.join(),
      /no requests/,
    )
  })
})
