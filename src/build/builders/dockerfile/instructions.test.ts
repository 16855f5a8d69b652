import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { declaredArguments, instructionsOf, saysWhatToRun, upToStage } from './instructions.ts'

const DOCKERFILE = `# syntax=docker/dockerfile:1
ARG VERSION=22 SOURCE_VERSION

from node:\${VERSION} AS build
RUN npm ci \\
  # why
  && npm run build \\

  && true
CMD ["node"]

FROM scratch
COPY --from=build /app /app`

describe('the instructions of a Dockerfile', () => {
  it('are counted as the engine counts them, each with its line', () => {
    assert.deepEqual(
      instructionsOf(DOCKERFILE).map(({ line, name }) => `${line} ${name}`),
      ['2 ARG', '4 FROM', '5 RUN', '10 CMD', '12 FROM', '13 COPY'],
    )
    assert.equal(instructionsOf(DOCKERFILE)[2]?.text, 'npm ci && npm run build && true')
  })

  it('may be continued by another character', () => {
    const text = '# syntax = of another kind\r\n# escape=`\r\nFROM a\r\nRUN dir C:\\\r\nRUN a `\r\n b\r\n'
    assert.deepEqual(
      instructionsOf(text).map(({ text }) => text),
      ['a', 'dir C:\\', 'a b'],
    )
  })

  it('end and go on where the engine has them do so, which reads them by characters', () => {
    const text = 'FROM a\nRUN b \\\\\nCM\\\nD c\n\u0085CMD d'
    assert.deepEqual(
      instructionsOf(text).map(({ line, name, text }) => `${line} ${name} ${text}`),
      ['1 FROM a', '2 RUN b \\\\', '3 CMD c', '5 CMD d'],
    )
  })

  it('declare arguments', () => {
    assert.deepEqual([...declaredArguments(instructionsOf(DOCKERFILE))], ['VERSION', 'SOURCE_VERSION'])
  })

  it('end with the stage that is asked for', () => {
    const lines = (target: string) => upToStage(instructionsOf(DOCKERFILE), target).map(({ line }) => line)
    assert.deepEqual(lines('Build'), [2, 4, 5, 10])
    assert.deepEqual(lines('0'), [2, 4, 5, 10])
    assert.deepEqual(lines('1').length, 6)
    assert.deepEqual(lines('absent').length, 6)
  })

  it('say what to run only in the last stage', () => {
    assert.equal(saysWhatToRun(instructionsOf(DOCKERFILE)), false)
    assert.equal(saysWhatToRun(instructionsOf(`${DOCKERFILE}\nENTRYPOINT ["/app"]`)), true)
  })
})
