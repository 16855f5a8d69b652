/** What every driver has to do, whatever it runs dynos with. Programs of the suite are shell commands and small scripts. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import type { LogLine } from '../../src/logs/line.ts'
import type { Driver, DynoLine, DynoSpec, ObservedDyno } from '../../src/runtime/driver.ts'

/** A driver in a place of its own, as the suite sees it. */
export interface DriverWorld {
  driver: Driver
  /** Takes the control plane away without a goodbye, and gives the driver of the one that follows. */
  restart(): Promise<Driver>
  /** Digest of an image whose `/app` holds `files` (path → content). */
  image(files: Readonly<Record<string, string>>): Promise<string>
}

export const SERVER = `
const { createServer } = require('node:http')
createServer((_, response) => response.end('hello')).listen(process.env.PORT, () => console.log('ready'))
`

const LIMIT = 60_000
let counter = 0

/** A spec with an id of its own. */
export function spec(image: string, command: string, changes: Partial<DynoSpec> = {}): DynoSpec {
  const number = ++counter
  const type = changes.listens ? 'web' : 'worker'
  return {
    ...{
      id: `dyno-${process.pid}-${number}`,
      appId: 'app-1',
      appName: 'sushi',
      releaseId: 'release-1',
      kind: 'formation',
    },
    ...{
      name: `${type}.${number}`,
      type,
      number,
      command,
      image,
      fingerprint: 'its fingerprint',
      environment: {},
      listens: false,
      size: 'Basic',
    },
    ...changes,
  }
}

export function describeDriver(name: string, create: (t: TestContext) => Promise<DriverWorld>): void {
  describe(`${name}: the life of a dyno`, () => {
    test('a web dyno is given a port, and listens', async t => {
      const { driver, image } = await create(t)
      const web = spec(await image({ 'server.js': SERVER }), 'node server.js', { listens: true })
      await driver.start(web)
      const up = await until(driver, web.id, dyno => dyno.isListening)
      assert.equal(up.state, 'running')
      assert.equal(up.fingerprint, web.fingerprint)
      assert.match(await get(up.address ?? ''), /hello/)
    })

    test('starting the same id again changes nothing, not even when it has exited', async t => {
      const { driver, image } = await create(t)
      const one = spec(await image({}), 'echo once')
      await Promise.all([driver.start(one), driver.start(one)])
      await until(driver, one.id, hasExited)
      await driver.start(one)
      assert.equal((await driver.list()).filter(({ id }) => id === one.id).length, 1)
      const texts = await textsOf(driver, one, text => text.startsWith('State changed from up to crashed'))
      assert.deepEqual(
        texts.filter(text => text === 'once'),
        ['once'],
      )
    })

    test('exit status is the command’s own, or 128 and the signal', async t => {
      const { driver, image } = await create(t)
      const digest = await image({})
      const [plain, signalled] = [spec(digest, 'exit 7', { kind: 'run' }), spec(digest, 'kill -9 $$')]
      await Promise.all([driver.start(plain), driver.start(signalled)])
      assert.equal((await until(driver, plain.id, hasExited)).exitStatus, 7)
      assert.equal((await until(driver, signalled.id, hasExited)).exitStatus, 137)
    })

    test('stop lets a program end in order', async t => {
      const { driver, image } = await create(t)
      const one = spec(
        await image({}),
        "trap 'echo bye; exit 3' TERM; echo set; while :; do sleep 0.05; done",
      )
      await driver.start(one)
      await textsOf(driver, one, text => text === 'set')
      await driver.stop(one.id, 20_000)
      assert.equal((await until(driver, one.id, hasExited)).exitStatus, 3)
    })

    test('what ignores SIGTERM is killed after the grace, its whole group with it', async t => {
      const { driver, image } = await create(t)
      const child = 'bash -c "trap \'\' TERM; echo deaf; while :; do sleep 0.05; done"'
      const one = spec(await image({}), `trap '' TERM; ${child} & ${child} & wait; wait`)
      await driver.start(one)
      await textsOf(driver, one, (_, texts) => texts.filter(text => text === 'deaf').length === 2)
      await driver.stop(one.id, 100)
      await driver.stop(one.id, 100)
      assert.equal((await until(driver, one.id, hasExited)).exitStatus, 137)
      const texts = await textsOf(driver, one, text => text.startsWith('State changed from up to'))
      assert.ok(texts.includes('Stopping all processes with SIGTERM'))
      assert.ok(texts.some(text => text.startsWith('Error R12 (Exit timeout)')))
      assert.ok(texts.includes('Stopping remaining processes with SIGKILL'))
    })

    test('a second stop shortens the grace, and does not lengthen it', async t => {
      const { driver, image } = await create(t)
      const one = spec(await image({}), "trap '' TERM; echo deaf; while :; do sleep 0.05; done")
      await driver.start(one)
      await textsOf(driver, one, text => text === 'deaf')
      for (const grace of [3_600_000, 1000, 1_800_000]) await driver.stop(one.id, grace)
      assert.equal((await until(driver, one.id, hasExited)).exitStatus, 137)
      const texts = await textsOf(driver, one, text => text === 'State changed from up to down')
      assert.deepEqual(
        texts.filter(text => /SIGTERM|SIGKILL/.test(text)),
        [
          'Stopping all processes with SIGTERM',
          'Error R12 (Exit timeout) -> At least one process failed to exit within 1 seconds of SIGTERM',
          'Stopping remaining processes with SIGKILL',
        ],
      )
    })

    test('a child still ends in order when the shell in front of it is gone at once', async t => {
      const { driver, image } = await create(t)
      const child =
        'bash -c "trap \'sleep 0.3; echo done; exit\' TERM; echo set; while :; do sleep 0.05; done"'
      const one = spec(await image({}), `${child} & wait; true`)
      await driver.start(one)
      await textsOf(driver, one, text => text === 'set')
      await driver.stop(one.id, 20_000)
      assert.ok(
        (await textsOf(driver, one, text => text.startsWith('State changed from up to'))).includes('done'),
      )
    })

    test('what a program leaves behind ends with it, daemons too', async t => {
      const { driver, image } = await create(t)
      const left = 'sh -c "while :; do echo alive; sleep 0.05; done"'
      const one = spec(await image({}), `${left} & setsid ${left} & sleep 0.3; exit 0`)
      await driver.start(one)
      await until(driver, one.id, hasExited)
      const texts = await textsOf(driver, one, text => text.startsWith('State changed from up to'))
      assert.equal(texts.at(-1), 'State changed from up to crashed')
    })

    test('stopping, and forgetting, what is not there succeeds', async t => {
      const { driver } = await create(t)
      await driver.stop('nobody', 0)
      await driver.forget(['nobody'])
      assert.deepEqual(await driver.list(), [])
    })

    test('an exited dyno stays listed until it is forgotten; a running one cannot be', async t => {
      const { driver, image } = await create(t)
      const digest = await image({})
      const [short, long] = [spec(digest, 'true'), spec(digest, 'sleep 60')]
      await Promise.all([driver.start(short), driver.start(long)])
      await until(driver, short.id, hasExited)
      await driver.forget([short.id, long.id])
      assert.deepEqual(
        (await driver.list()).map(({ id }) => id),
        [long.id],
      )
    })

    test('an image that is not there ends the dyno with the reason', async t => {
      const { driver } = await create(t)
      const one = spec(`sha256:${'0'.repeat(64)}`, 'true')
      await driver.start(one)
      const { fault, exitStatus } = await until(driver, one.id, hasExited)
      assert.match(fault ?? '', /0000/)
      assert.equal(exitStatus, null)
    })

    test('watch tells every state, in order', async t => {
      const { driver, image } = await create(t)
      const one = spec(await image({}), 'true')
      const states: string[] = []
      driver.watch(dyno => void (dyno.id === one.id && states.push(dyno.state)))
      await driver.start(one)
      await until(driver, one.id, hasExited)
      assert.deepEqual([...new Set(states)], ['starting', 'running', 'exited'])
    })

    test('close ends every dyno', async t => {
      const { driver, image } = await create(t)
      const digest = await image({})
      const seen: ObservedDyno[] = []
      driver.watch(dyno => void (dyno.state === 'exited' && seen.push(dyno)))
      const all = [spec(digest, 'sleep 60'), spec(digest, "trap '' TERM; while :; do sleep 0.05; done")]
      for (const one of all) await driver.start(one)
      await Promise.all(all.map(one => until(driver, one.id, dyno => dyno.state === 'running')))
      await driver.close(500)
      assert.deepEqual(seen.map(({ id }) => id).sort(), all.map(({ id }) => id).sort())
    })
  })

  describe(`${name}: what a dyno sees`, () => {
    test('its files are its own: changed freely, seen by nobody else, gone when it ends', async t => {
      const { driver, image } = await create(t)
      const digest = await image({ 'data/file': 'original\n' })
      const writer = spec(digest, 'pwd; echo mine > data/file; echo new > new; cat data/file; ls')
      await driver.start(writer)
      const written = await textsOf(driver, writer, text => text.startsWith('State changed from up to'))
      assert.deepEqual(
        written.filter(text => ['mine', 'new', 'data'].includes(text)),
        ['mine', 'data', 'new'],
      )
      const reader = spec(digest, 'cat data/file; ls; cat /tmp/left; echo x > /tmp/left')
      await driver.start(reader)
      const read = await textsOf(driver, reader, text => text.startsWith('State changed from up to'))
      assert.ok(read.includes('original') && !read.includes('new'), read.join('\n'))
    })

    test('environment: its variables, HOME, PORT only for web, and what .profile.d and .profile set', async t => {
      const { driver, image } = await create(t)
      const digest = await image({
        '.profile.d/one.sh': 'export FROM_PROFILE_D=$GIVEN-1',
        '.profile': 'export FROM_PROFILE=$FROM_PROFILE_D-2',
      })
      const environment = { GIVEN: 'a b\n"c"', EMPTY: '' }
      const command =
        'printf "<%s>" "$GIVEN" "$FROM_PROFILE" "${EMPTY-unset}" "${PORT-none}"; echo; [ "$HOME" = "$PWD" ] && echo at home'
      const one = spec(digest, command, { environment })
      await driver.start(one)
      const texts = await textsOf(driver, one, text => text.startsWith('State changed from up to'))
      assert.ok(texts.join('\n').includes('<a b\n"c"><a b\n"c"-1-2><><none>\nat home'), texts.join('\n'))
    })
  })

  describe(`${name}: logs`, () => {
    test('output and the dyno manager’s lines come in order, variables not expanded', async t => {
      const { driver, image } = await create(t)
      const one = spec(await image({}), 'echo "$WORD"; echo err >&2; printf last', {
        kind: 'run',
        name: 'run.1234',
        environment: { WORD: 'secret word' },
      })
      await driver.start(one)
      const lines = await linesOf(driver, one, text => text.startsWith('State changed from up to'))
      assert.deepEqual(
        lines
          .filter(line => line.text !== 'State changed from starting to up')
          .map(line => `${line.source}[${line.dyno}]: ${line.text}`),
        [
          'heroku[run.1234]: Starting process with command `echo "$WORD"; echo err >&2; printf last`',
          'app[run.1234]: secret word',
          'app[run.1234]: err',
          'app[run.1234]: last',
          'heroku[run.1234]: Process exited with status 0',
          'heroku[run.1234]: State changed from up to complete',
        ],
      )
      const moments = lines.map(line => line.at)
      assert.deepEqual(
        moments,
        [...new Set(moments)].sort((a, b) => a - b),
      )
    })

    test('lines say whose they are, where in its output they belong, and which is the last', async t => {
      const { driver, image } = await create(t)
      const one = spec(await image({}), 'echo grün; echo; printf last', { kind: 'release', type: 'release' })
      await driver.start(one)
      const lines = await linesUntilLast(driver, one)
      assert.deepEqual(
        lines.flatMap(({ offset, line }) => (offset === null ? [] : [[offset, line.text]])),
        [
          [0, 'grün'],
          [6, ''],
          [7, 'last'],
        ],
      )
      assert.ok(lines.every(({ dyno }) => dyno?.id === one.id && dyno.kind === 'release'))
      assert.match(lines.at(-1)?.line.text ?? '', /^State changed from up to complete$/)
    })

    test('lines that were not acknowledged come again', async t => {
      const { driver, image } = await create(t)
      const one = spec(await image({}), 'echo kept', { kind: 'run' })
      await driver.start(one)
      await until(driver, one.id, hasExited)
      const first = await firstBatch(driver)
      assert.ok(first.length > 0)
      assert.ok(
        (await textsOf(driver, one, text => text.startsWith('State changed from up to'))).includes('kept'),
      )
    })

    test('a line of 10 MB is cut into lines of 10,000 bytes', async t => {
      const { driver, image } = await create(t)
      const one = spec(await image({}), "head -c 10000000 /dev/zero | tr '\\0' 'x'; echo; echo end", {
        kind: 'run',
      })
      await driver.start(one)
      const texts = await textsOf(driver, one, text => text === 'end')
      const cut = texts.filter(text => /^x+$/.test(text))
      assert.equal(cut.length, 1000)
      assert.ok(cut.every(text => text.length === 10_000))
    })

    test('a flood loses nothing while somebody takes it', async t => {
      const { driver, image } = await create(t)
      const one = spec(await image({}), 'seq 1 100000', { kind: 'run' })
      const taken = textsOf(driver, one, text => text.startsWith('Process exited'))
      await driver.start(one)
      const texts = await taken
      const numbers = texts.filter(text => /^\d+$/.test(text)).map(Number)
      assert.deepEqual(
        texts.filter(text => !/^\d+$/.test(text) && !/^(St|Pr)/.test(text)),
        [],
      )
      assert.equal(numbers.length, 100_000)
      assert.ok(numbers.every((number, index) => number === index + 1))
    })

    test('a flood nobody takes neither stops the dyno nor passes unnoticed', async t => {
      const { driver, image } = await create(t)
      const one = spec(await image({}), 'seq 1 1000000', { kind: 'run' })
      await driver.start(one)
      assert.equal((await until(driver, one.id, hasExited)).exitStatus, 0)
      const lines: string[] = []
      for await (const batch of driver.logs(AbortSignal.timeout(LIMIT))) {
        lines.push(...batch.lines.map(({ line }) => line.text))
        batch.ack()
        if (lines.some(text => text.startsWith('State changed from up to'))) break
      }
      assert.ok(lines.some(text => /^Error L10 \(output buffer overflow\): \d+ messages dropped/.test(text)))
    })

    test('binary output neither stops a dyno nor breaks its lines', async t => {
      const { driver, image } = await create(t)
      const one = spec(await image({}), 'head -c 300000 /dev/urandom; echo; echo end', { kind: 'run' })
      await driver.start(one)
      assert.ok((await textsOf(driver, one, text => text.startsWith('Process exited'))).includes('end'))
    })
  })

  describe(`${name}: a control plane that goes away`, () => {
    test('leaves dynos running, and the next one adopts them', async t => {
      const world = await create(t)
      const web = spec(await world.image({ 'server.js': SERVER }), 'node server.js', { listens: true })
      await world.driver.start(web)
      const before = await until(world.driver, web.id, dyno => dyno.isListening)
      const driver = await world.restart()
      assert.deepEqual(
        (await driver.list()).find(({ id }) => id === web.id),
        before,
      )
      assert.match(await get(before.address ?? ''), /hello/)
      await driver.start(web)
      await driver.stop(web.id, 10_000)
      await until(driver, web.id, hasExited)
    })

    test('costs no line, though some may come twice', async t => {
      const world = await create(t)
      const one = spec(await world.image({}), 'for i in $(seq 1 60); do echo $i; sleep 0.02; done', {
        kind: 'run',
      })
      await world.driver.start(one)
      const first = await textsOf(world.driver, one, text => text === '10')
      const rest = await textsOf(await world.restart(), one, text => text.startsWith('Process exited'))
      const numbers = [...first, ...rest].filter(text => /^\d+$/.test(text)).map(Number)
      assert.deepEqual(
        [...new Set(numbers)],
        Array.from({ length: 60 }, (_, index) => index + 1),
      )
    })

    test('does not bring an exited dyno back', async t => {
      const world = await create(t)
      const one = spec(await world.image({}), 'exit 5', { kind: 'release' })
      await world.driver.start(one)
      const exited = await until(world.driver, one.id, hasExited)
      const driver = await world.restart()
      await driver.start(one)
      assert.deepEqual(
        (await driver.list()).find(({ id }) => id === one.id),
        exited,
      )
    })
  })
}

export const hasExited = (dyno: ObservedDyno): boolean => dyno.state === 'exited'

/** The dyno as soon as `condition` holds for it. */
export async function until(
  driver: Driver,
  id: string,
  condition: (dyno: ObservedDyno) => boolean,
): Promise<ObservedDyno> {
  const signal = AbortSignal.timeout(LIMIT)
  return new Promise((resolve, reject) => {
    const check = (dyno: ObservedDyno) => {
      if (dyno.id !== id || !condition(dyno)) return
      unwatch()
      resolve(dyno)
    }
    const unwatch = driver.watch(check)
    signal.addEventListener('abort', () =>
      reject(new Error(`Dyno ${id} did not get there within ${LIMIT} ms.`)),
    )
    driver.list().then(dynos => dynos.forEach(check), reject)
  })
}

/** Texts of a dyno's lines from the first one not acknowledged yet, up to the one `isLast` says. */
export async function textsOf(
  driver: Driver,
  { name }: Pick<DynoSpec, 'name'>,
  isLast: (text: string, texts: readonly string[]) => boolean,
): Promise<string[]> {
  const texts: string[] = []
  await linesOf(
    driver,
    { name },
    text => isLast(text, texts),
    line => texts.push(line.text),
  )
  return texts
}

async function linesUntilLast(driver: Driver, { id }: DynoSpec): Promise<DynoLine[]> {
  const lines: DynoLine[] = []
  for await (const batch of driver.logs(AbortSignal.timeout(LIMIT))) {
    lines.push(...batch.lines.filter(({ dyno }) => dyno?.id === id))
    batch.ack()
    if (lines.some(({ isLast }) => isLast)) return lines
  }
  throw new Error(`No line of ${id} was its last.`)
}

async function linesOf(
  driver: Driver,
  { name }: Pick<DynoSpec, 'name'>,
  isLast: (text: string) => boolean,
  seen: (line: LogLine) => void = () => {},
): Promise<LogLine[]> {
  const lines: LogLine[] = []
  const signal = AbortSignal.timeout(LIMIT)
  for await (const batch of driver.logs(signal)) {
    let isOver = false
    for (const { line } of batch.lines) {
      if (line.dyno !== name) continue
      lines.push(line)
      seen(line)
      isOver ||= isLast(line.text)
    }
    batch.ack()
    if (isOver) return lines
  }
  throw new Error(
    `The line waited for did not come. Lines so far:\n${lines
      .map(line => line.text)
      .slice(-50)
      .join('\n')}`,
  )
}

async function firstBatch(driver: Driver): Promise<readonly { line: LogLine }[]> {
  for await (const batch of driver.logs(AbortSignal.timeout(LIMIT))) return batch.lines
  throw new Error('No lines came.')
}

export async function get(address: string): Promise<string> {
  const url = new URL(`http://${address}`)
  const socket = connect(Number(url.port), url.hostname.replace(/^\[|\]$/g, ''))
  socket.setEncoding('utf8')
  let text = ''
  socket.on('data', (chunk: string) => {
    text += chunk
  })
  socket.end('GET / HTTP/1.0\r\n\r\n')
  await once(socket, 'close', { signal: AbortSignal.timeout(LIMIT) })
  return text
}
