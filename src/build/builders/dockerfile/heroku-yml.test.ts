import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { type HerokuYml, parseHerokuYml } from './heroku-yml.ts'

function parsed(text: string): HerokuYml {
  const result = parseHerokuYml(text)
  return result.ok ? result.manifest : assert.fail(`line ${result.line}: ${result.reason}`)
}

describe('heroku.yml', () => {
  it('says what is built, with which arguments, and what runs', () => {
    const manifest = parsed(`
setup:
  addons:
    - plan: heroku-postgresql
build:
  docker:
    web: docker/Dockerfile
    worker: ./docker/Dockerfile
  config:
    RAILS_ENV: production
    WORKERS: 2
    NOTHING:
release:
  image: web
  command:
    - rake db:migrate
    - rake db:seed
run:
  web: bundle exec puma -p $PORT
  clock:
    command:
      - clockwork clock.rb
    image: worker
`)
    assert.deepEqual(manifest.image, { dockerfile: 'docker/Dockerfile', target: null })
    assert.deepEqual(manifest.buildArguments, { RAILS_ENV: 'production', WORKERS: '2', NOTHING: '' })
    assert.deepEqual(manifest.commands, {
      web: 'bundle exec puma -p $PORT',
      clock: 'clockwork clock.rb',
      release: 'rake db:migrate && rake db:seed',
    })
    assert.deepEqual(manifest.imageTypes, ['worker'])
    assert.equal(manifest.remarks.length, 1)
    assert.match(manifest.remarks[0] ?? '', /^heroku\.yml: setup is left alone/)
  })

  it('may name a stage', () => {
    const { image } = parsed(
      'build:\n  docker:\n    web:\n      dockerfile: Dockerfile\n      target: production\n',
    )
    assert.deepEqual(image, { dockerfile: 'Dockerfile', target: 'production' })
  })

  it('may be empty, and then asks for the Dockerfile at the root', () => {
    assert.deepEqual(parsed('# nothing yet\n'), {
      image: null,
      buildArguments: {},
      commands: {},
      imageTypes: [],
      remarks: [],
    })
  })

  it('lets a process type run what the image says', () => {
    const { commands, imageTypes } = parsed(
      'build:\n  docker:\n    web: Dockerfile\nrun:\n  worker:\n    image: web\n',
    )
    assert.deepEqual([commands, imageTypes], [{}, ['web', 'worker']])
  })

  it('may say once what counts twice', () => {
    const { image, buildArguments, commands, imageTypes } = parsed(`
base: &base
  A: one
  B: two
build:
  docker:
    web: &web { dockerfile: docker/Dockerfile }
    worker: *web
  config:
    <<: [*base, { B: three, C: four }]
    A: five
run:
  clock: &clock
    command: [&greet echo hello, *greet]
  other:
    <<: *clock
`)
    assert.deepEqual(image, { dockerfile: 'docker/Dockerfile', target: null })
    assert.deepEqual(buildArguments, { A: 'five', B: 'two', C: 'four' })
    assert.equal(commands.other, 'echo hello && echo hello')
    assert.deepEqual([commands.clock, imageTypes], [commands.other, ['web', 'worker']])
  })

  it('gives build arguments as they are, and commands without what is around them', () => {
    const { buildArguments, commands } = parsed(
      `build:\n  config:\n    A: " a "\n    B: ' '\n    C:  c \n    D: |\n      d\nrun:\n  web: " x "\n`,
    )
    assert.deepEqual(buildArguments, { A: ' a ', B: ' ', C: 'c', D: 'd\n' })
    assert.deepEqual(commands, { web: 'x' })
  })

  for (const [commands, printed] of [
    [['echo 1', 'echo 2'], '1\n2\n'],
    [['echo 1 # why', 'echo 2'], '1\n2\n'],
    [['echo 1;', 'echo 2'], '1\n2\n'],
    [['cd / &', 'echo 2'], '2\n'],
    [['echo 1 \\', 'echo 2'], '1\n2\n'],
    [['cat <<X\n1\nX', 'A=2', 'echo $A'], '1\n2\n'],
    [['false || echo 1', 'echo 2'], '1\n2\n'],
    [['if true\nthen echo 1\nfi', 'echo 2'], '1\n2\n'],
    [['false', 'echo 2 || true'], null],
    [['false # why', 'true; true'], null],
    [['true', 'true; false', 'true || true'], null],
  ] as const) {
    it(`runs ${JSON.stringify(commands)} as long as none fails`, () => {
      const { release = '' } = parsed(JSON.stringify({ release: { command: commands } })).commands
      const { status, stdout } = spawnSync('/bin/sh', ['-c', release], { encoding: 'utf8' })
      assert.deepEqual([status === 0, stdout], [printed !== null, printed ?? ''])
    })
  }

  for (const [text, line, reason] of [
    ['build:\n  docker:\n    web: [Dockerfile]\n', 3, /build\.docker\.web is not a text/],
    ['build:\n  docker:\n    web: ../Dockerfile\n', 3, /no path inside the repository/],
    ['build:\n  docker:\n    web: /etc/Dockerfile\n', 3, /no path inside the repository/],
    [
      'build:\n  docker:\n    web: Dockerfile\n    worker: w/Dockerfile\n',
      4,
      /worker has an image of its own, but a release has one image here\. Build all process types from Dockerfile/,
    ],
    ['build:\n  docker:\n    "a b": Dockerfile\n', 3, /cannot be a process type/],
    ['build:\n  languages:\n    - ruby\n', 2, /buildpacks:set/],
    ['build:\n  config:\n    A-B: 1\n', 3, /cannot be the name of a build argument/],
    ['build:\n  config:\n    A:\n      - 1\n', 4, /build\.config\.A is not a text/],
    ['run:\n  web:\n', 2, /run\.web is empty/],
    ['run:\n  web:\n    command: []\n', 3, /empty list/],
    ['run:\n  web:\n    image: web\n', 3, /image "web" is not built\. Name it under build\.docker/],
    ['build:\n  docker:\n    web: Dockerfile\nrelease:\n  image: worker\n', 5, /Use one of: web/],
    [`build:\n  config:\n    A: ${'é'.repeat(50_000)}\n`, 2, /build\.config is too large: .*max is 100kB/],
    [`run:\n  web: ${'x'.repeat(100_001)}\n`, 2, /run\.web is too large/],
    ['run:\n  web: *absent\n', 2, /\*absent stands for nothing: no &absent comes before it/],
    ['run: &a\n  <<: *a\n', 2, /more than 100 aliases/],
    ['run:\n  <<: x\n', 2, /what run merges is not a mapping/],
    ['run: web\n', 1, /run is not a mapping/],
    ['- a\n', 1, /heroku\.yml is not a mapping/],
    ['run:\n  web: "a\n', 3, /no YAML that can be read/],
    ['run:\n\tweb: a\n', 2, /no YAML that can be read/],
    ['run:\n  web: a\n  web: b\n', 3, /no YAML that can be read/],
  ] as const) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      const result = parseHerokuYml(text)
      if (result.ok) return assert.fail('it was taken')
      assert.match(result.reason, reason)
      assert.equal(result.line, line)
    })
  }
})
