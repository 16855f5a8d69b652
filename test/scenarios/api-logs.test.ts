import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LogLine } from '../../src/logs/line.ts'
import { startPlatform } from './api-support.ts'

const at = Date.parse('2026-03-01T12:00:00Z')
const line = (number: number, dyno = 'web.1'): LogLine => ({
  at: at + number,
  source: 'app',
  dyno,
  text: `line ${number}`,
})

interface Event {
  id: string
  data: string
}

/** Events of a stream as they come. */
async function* events(url: string, headers: Record<string, string> = {}): AsyncGenerator<Event> {
  const response = await fetch(url, {
    headers: { accept: 'text/event-stream', ...headers },
    signal: AbortSignal.timeout(60_000),
  })
  assert.equal(response.status, 200)
  assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/)
  let text = ''
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const [, id, data] = /^id: (.*)\ndata: (.*)$/.exec(block) ?? []
      if (id !== undefined && data !== undefined) yield { id, data }
    }
  }
}

const take = async (from: AsyncGenerator<Event>, count: number): Promise<Event[]> => {
  const taken: Event[] = []
  while (taken.length < count) {
    const { value, done } = await from.next()
    if (done) break
    taken.push(value)
  }
  return taken
}

test('a session without tail sends the newest lines that match, and ends', async t => {
  const { owner, context } = await startPlatform(t)
  const { body: app } = await owner.call('POST', '/apps', { body: { name: 'sushi' } })
  await context.logs.append(app.id, [line(1), line(2, 'worker.1'), line(3), line(4)])
  const session = await owner.call('POST', '/apps/sushi/log-sessions', {
    body: { lines: 2, dyno: 'web', tail: false },
  })
  assert.equal(session.status, 201)
  const plain = await fetch(session.body.logplex_url, { signal: AbortSignal.timeout(60_000) })
  assert.equal(plain.headers.get('content-type'), 'text/plain; charset=utf-8')
  assert.equal(
    await plain.text(),
    '2026-03-01T12:00:00.003000+00:00 app[web.1]: line 3\n2026-03-01T12:00:00.004000+00:00 app[web.1]: line 4\n',
  )
  const found = await take(events(session.body.logplex_url), 99)
  assert.deepEqual(
    found.map(event => event.data.replace(/.*: /, '')),
    ['line 3', 'line 4'],
  )
})

test('a tail goes on, and a reconnect continues after the last line without a gap or a repeat', async t => {
  const { owner, context } = await startPlatform(t)
  const { body: app } = await owner.call('POST', '/apps', { body: { name: 'sushi' } })
  await context.logs.append(app.id, [line(1), line(2)])
  const { body: session } = await owner.call('POST', '/apps/sushi/log-sessions', {
    body: { lines: 1, tail: true },
  })
  const first = events(session.logplex_url)
  const [backlog] = await take(first, 1)
  assert.match(backlog?.data ?? '', /line 2$/)
  await context.logs.append(app.id, [line(3)])
  const [last] = await take(first, 1)
  assert.match(last?.data ?? '', /line 3$/)
  await first.return(undefined)

  await context.logs.append(app.id, [line(4), line(5)])
  const second = events(session.logplex_url, { 'last-event-id': last?.id ?? '' })
  const missed = await take(second, 2)
  await context.logs.append(app.id, [line(6)])
  const fresh = await take(second, 1)
  assert.deepEqual(
    [...missed, ...fresh].map(event => event.data.replace(/.*: /, '')),
    ['line 4', 'line 5', 'line 6'],
  )
  await second.return(undefined)
})

test('a log URL shows its own app and holds for an hour', async t => {
  const platform = await startPlatform(t)
  const { owner, clock, context } = platform
  const { body: app } = await owner.call('POST', '/apps', { body: { name: 'sushi' } })
  const { body: other } = await owner.call('POST', '/apps', { body: { name: 'ramen' } })
  await context.logs.append(other.id, [line(1)])
  const { logplex_url } = (await owner.call('POST', '/apps/sushi/log-sessions', { body: {} })).body
  assert.equal((await fetch(logplex_url.replace(app.id, other.id))).status, 404)
  assert.equal((await fetch(`${logplex_url}&dyno=web`)).status, 404)
  assert.equal((await fetch(logplex_url)).status, 200)
  clock.now += 3_600_000
  assert.equal((await fetch(logplex_url)).status, 404)
  assert.equal((await owner.call('POST', '/apps/sushi/log-sessions', { body: { lines: -1 } })).status, 422)
})

test('a tail does not keep the API from closing', async t => {
  const platform = await startPlatform(t)
  const { body: app } = await platform.owner.call('POST', '/apps', { body: { name: 'sushi' } })
  await platform.context.logs.append(app.id, [line(1)])
  const { body: session } = await platform.owner.call('POST', '/apps/sushi/log-sessions', {
    body: { tail: true },
  })
  const tail = events(session.logplex_url)
  await take(tail, 1)
  await platform.restart()
  assert.deepEqual(await take(tail, 1), [])
})
