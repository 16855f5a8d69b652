import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hereDocumentIn } from './here-documents.ts'

describe('a here-document', () => {
  for (const text of [
    'RUN <<EOF\necho a\nEOF',
    'run cat > /a <<-"EOF"\n\techo a\n\tEOF\r\n',
    'RUN --x <<A 3<<B\nB\nCMD a\nA',
    'COPY \\\n  <<a.txt /\na.txt',
    'ONBUILD ADD <<EOF /a\nEOF',
    // Names that are not read here.
    "RUN <<'E\\'\nE\\\n",
    'RUN <<"E F"\nE F',
    'RUN <<""\n\n',
    'RUN ${A:-<<EOF}\nEOF',
    'RUN ${A:+b}1<<EOF\nEOF',
    'RUN <${A:+b}<EOF\nEOF',
    'RUN [ <<EOF\nEOF',
  ])
    it(`is found: ${JSON.stringify(text)}`, () => assert.equal(hereDocumentIn(`FROM a\n\n${text}`), 3))

  for (const text of [
    'RUN cat << EOF\nEOF',
    'RUN cat <<< a && cat <a <b\na',
    'RUN echo $((1<<20)) $(( 1<<20 )) ${A:-b} <c >d',
    'RUN ["sh", "-c", "cat <<EOF\\na\\nEOF"]\nEOF',
    'RUN python -c "print(1 <<2)" && git diff | grep " <<<<<<< a"\na',
    'CMD cat <<EOF\nEOF',
    'ENV A=<<EOF\nEOF',
    '# RUN <<EOF\nEOF',
  ])
    it(`is told from other text: ${JSON.stringify(text)}`, () =>
      assert.equal(hereDocumentIn(`FROM a\n${text}`), undefined))

  it('is told from other text at once, however much there is', { timeout: 20_000 }, () => {
    const size = 512 * 1024
    for (const piece of [
      '<<A ',
      'RUN <<A\n',
      '<',
      '${',
      '<${',
      '1',
      '-',
      '${A:-',
      ' <<-',
      '[',
      '}1',
      '\\\n',
      '-1<',
    ])
      hereDocumentIn(`RUN ${piece.repeat(size / piece.length)}`)
  })
})
