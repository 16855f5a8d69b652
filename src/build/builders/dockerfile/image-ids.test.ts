import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { namedByTrigger, namedImages } from './image-ids.ts'

const namedById = (dockerfile: string, buildArguments: Readonly<Record<string, string>> = {}) =>
  namedImages(dockerfile, buildArguments).byId
const named = (...given: Parameters<typeof namedById>) => namedById(...given)?.named

/** Each was built by Docker 20.10, from the image whose id begins with 3a6b1b29, unless another engine is named. */
const BY_ID: readonly [what: string, dockerfile: string][] = [
  ['its beginning', 'FROM 3a6'],
  ['its algorithm', 'FROM sha256:3a6b1b29'],
  ['its whole length', `FROM ${'3a6b1b29'.repeat(8)}`],
  ['digits alone', 'FROM 3'],
  ['a platform', 'from --platform=linux/amd64 3a6b1b29 as x'],
  ['quotes', 'FROM "3a6b"1b29'],
  ['escapes', 'FROM 3\\a6\\b1b29'],
  ['an argument', 'ARG A=3a6b1b29\nFROM $A'],
  ['an argument in quotes', 'ARG B=x A="3a6b1b29"\nFROM "${A}"'],
  ['two arguments', 'ARG A=3a6b B=1b29\nFROM $A$B'],
  ['an argument of an argument', 'ARG A=3a6b\nARG B=${A}1b29\nFROM $B'],
  ['a default', 'FROM ${A:-3a6b1b29}'],
  ['a default of an argument', 'ARG A=${B-3a6b1b29}\nFROM $A'],
  ['an alternative', 'ARG B=1\nFROM ${B:+3a6b1b29}'],
  ['an argument that is not there', 'FROM 3a6b${A}1b29'],
  ['an argument whose name ends at an escape', 'ARG A=3a6b\nFROM $A\\1b29'],
  ['an argument of an odd name', 'ARG @=3a6b1b29\nFROM $@'],
  ['a number for a name', 'ARG 1=3a6b1b29\nFROM $1b29'],
  ['an argument that is declared again', 'ARG A=3a6b1b29\nARG A=debian\nFROM $A'],
  ['a stage that is yet to come', 'FROM 3a6b1b29\nFROM debian AS 3a6b1b29'],
  ['lines that are joined', 'FR\\\nOM 3a6b\\\n\n# comment\n  # comment\n1b29'],
  ['another escape', '# escape=`\nFROM debian\nRUN dir C:\\\nFROM 3a6b1b29'],
  [
    'another escape after a directive of another kind',
    '# a=b c\n# escape=`\nFROM debian\nRUN a\\\nFROM 3a6b1b29',
  ],
  ['two escapes at the end of a line', 'FROM debian\nRUN true \\\\\nFROM 3a6b1b29'],
  ['two escapes, in older engines', 'FROM 3a\\\\\n6b1b29'],
  ['a comment in the midst, in older engines', 'FROM debian\nRUN true \\\n  # comment\nFROM 3a6b1b29'],
  ['what only BuildKit takes for a document', 'FROM debian\nRUN true <<CMD\nFROM 3a6b1b29\nCMD'],
  ['a space of another kind', '\u0085FROM 3a6b1b29'],
  ['a mark that begins a value', 'ARG A=\uFEFF3a6b1b29\nFROM $A'],
  ['a mark that is a line', 'FROM debian\nLABEL a=\\\n\uFEFF\nFROM 3a6b1b29'],
  ['a byte that is no UTF-8, before it', 'FROM \uFFFD3a6b1b29'],
  ['a byte that is no UTF-8, after a flag', 'FROM --platform=linux/amd64\uFFFD3a6b1b29'],
  ['two carriage returns, in newer engines', 'FROM \\\r\r\n3a6b1b29'],
  ['a second stage', 'FROM debian AS a\nFROM 3a6b1b29'],
  ['files of it', 'FROM debian\nCOPY --from=3a6b1b29 / /'],
  ['files of it in a stage that is called so', 'FROM debian AS a6b\nCOPY --from=a6b / /'],
  [
    'files of it after what is called so, and never begins',
    'FROM debian\nONBUILD \uFEFFFROM debian AS a6b\nCOPY --from=a6b / /',
  ],
  ['files of it, and a user', 'FROM debian\ncopy --chown=1 --from=3a6b1b29 / /'],
  ['files of it, in quotes', 'FROM debian\nCOPY --fr"om=3a6b"1b29 / /'],
  ['files of it, with escapes', 'FROM debian\nCOPY --f\\rom=sha256:3a6\\b1b29 / /'],
  ['files of it by more digits than a stage has', 'FROM debian\nCOPY --from=31609229012345678901 / /'],
  ['files of it for whatever is made from this', 'FROM debian\nONBUILD COPY --from=3a6b1b29 / /'],
]

describe('an image that is named by its id', () => {
  for (const [what, dockerfile] of BY_ID)
    it(`is found by ${what}`, () => assert.equal(namedById(dockerfile)?.isUnclear, false))

  it('is found by an argument of heroku.yml', () => {
    assert.equal(named('FROM $HTTP_PROXY', { HTTP_PROXY: '3a6b1b29' }), '$HTTP_PROXY')
    assert.equal(named('ARG A=debian\nFROM $A', { A: '3a6b1b29' }), '$A')
  })

  it('is told with its line', () => {
    const text = '# comment\nARG A=c\nFROM debian \\\n  AS b\n\nFROM \\\n  e73$A\n'
    assert.deepEqual(namedById(text), { line: 6, named: 'e73$A', isUnclear: false })
  })

  it('is what nobody can tell: words that engines differ about, or names that are made of others', () => {
    for (const text of [
      'ARG A=x\nFROM ${A#x}',
      'ARG A=${B/x/y}\nFROM $A',
      'ARG B=A\nARG $B=x\nFROM $A',
      // Docker 20.10 ends what stands for a value elsewhere, and starts from what follows.
      'FROM ${A:+"}"}3a6b1b29',
      'FROM ${A:+\\}}3a6b1b29',
      // The second byte of à is a space for it.
      'FROM --platform=linux/amd64$à3a6b1b29',
    ])
      assert.equal(namedById(text)?.isUnclear, true, text)
    const many = Array.from({ length: 80 }, (_, index) => `ARG A${index}=${index % 2 ? 'ab' : 'c'}`).join(
      '\n',
    )
    const all = Array.from({ length: 80 }, (_, index) => `$A${index}`).join('')
    assert.equal(namedById(`${many}\nFROM ${all}`)?.isUnclear, true)
  })

  it('may be named so by a trigger of an image', () => {
    assert.equal(namedByTrigger('COPY --from=3a6 / /'), '3a6')
    assert.equal(namedByTrigger('COPY --from=0 / /'), undefined)
    assert.equal(namedByTrigger('RUN psql --from=3a6'), undefined)
  })
})

describe('an image that has a name', () => {
  for (const dockerfile of [
    'FROM node:22',
    'FROM cafe:1',
    'FROM cafe/ade',
    'FROM localhost:5000/cafe',
    'FROM debian@sha256:3a6b1b29',
    'FROM scratch',
    'FROM bash:5 AS cafe\nFROM cafe\nCOPY --from=cafe / /\nCOPY --from=0 / /',
    'FROM node AS Ab\nFROM debian\nCOPY --from=ab / /',
    'ARG V=22\nFROM node:$V',
    'ARG IMAGE=node:22\nFROM ${IMAGE}',
    'ARG IMAGE\nFROM ${IMAGE:-node}',
    'ARG REGISTRY=\nFROM ${REGISTRY}node:22-alpine',
    'ARG REGISTRY\nFROM ${REGISTRY:+${REGISTRY}/}node:22',
    'ARG A=$B\nFROM ${A:+$A/}${B:-"node"}:22',
    'FROM --platform=$BUILDPLATFORM node:22',
    'FROM node\nARG A=3a6b1b29\nRUN psql --from=3a6 \\\n  -c "select 1\\\n   from added"',
    'FROM node\nCOPY --from=nginx:latest / /\nCOPY --from=docker.io/cafe / /',
    'FROM node\nARG A${B}=x ${C#y}\nCOPY a b',
    '# escape=`\nFROM node\nRUN dir `\n  C:\\\nCOPY a `\n b',
    '',
  ])
    it(`is not taken for another: ${JSON.stringify(dockerfile)}`, () =>
      assert.equal(named(dockerfile), undefined))

  it('is told from others at once, however long the Dockerfile', { timeout: 20_000 }, () => {
    const size = 512 * 1024
    for (const piece of [
      '\\\n',
      'FROM \\\n',
      'ARG A=$A$A\n',
      '${A-',
      '$',
      'COPY --from=',
      'ONBUILD ',
      '"',
      ' \u0085',
    ])
      namedById(`ARG A=a\nFROM ${piece.repeat(size / piece.length)}`, {})
    namedById(`#${'escape'.repeat(size / 6)}`, {})
  })

  it('is told from others at once, whatever its variables may come to', { timeout: 20_000 }, () => {
    const lines = (count: number, line: (index: number) => string) =>
      Array.from({ length: count }, (_, index) => line(index)).join('\n')
    const values = lines(90, index => `ARG A=${'x'.repeat(900)}${index}`)
    for (const text of [
      lines(40_000, index => `ARG A=${index}`),
      `${values}\n${lines(35_000, () => 'ARG B=$A$A')}`,
      `${values}\n${lines(25_000, index => `FROM \${A}${index}`)}`,
      lines(40_000, index => `FROM x${index}`),
      `${values}\nFROM $A${'$B'.repeat(200_000)}`,
    ])
      assert.ok(namedImages(text, {}).bases.size < 1000)
  })
})
