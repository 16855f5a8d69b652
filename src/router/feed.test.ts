import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import * as http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { RouterFeed } from './feed-client.ts'
import { app, ask, startDyno, startFixture, target } from './fixture.test.ts'
import type { Tally } from './tallies.ts'

test('drained waits for what is in flight, and nothing new reaches the dyno', async t => {
  const router = await startFixture(t)
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<http.ServerResponse>()
  const old = await startDyno(t, (_request, response) => arrive(response))
  const next = await startDyno(t, (_request, response) => response.end('new'))
  await router.route({ targets: [old.target] })
  const answer = ask(router.port)
  const response = await arrived
  await router.route({ targets: [next.target] })
  let isDrained = false
  const drained = router.feed.drained(old.target.dynoId, AbortSignal.timeout(5000)).then(() => {
    isDrained = true
  })
  assert.equal((await ask(router.port)).body, 'new')
  await router.route({ targets: [next.target] })
  assert.equal(isDrained, false)
  response.end('old')
  assert.equal((await answer).body, 'old')
  await drained
})

test('a dyno that is still listed gets nothing more once it is to be drained', async t => {
  const router = await startFixture(t)
  const one = await startDyno(t, (_request, response) => response.end('one'))
  const two = await startDyno(t, (_request, response) => response.end('two'), 'web.2')
  await router.route({ targets: [one.target, two.target] })
  await router.feed.drained(one.target.dynoId, AbortSignal.timeout(5000))
  const bodies = await Promise.all(Array.from({ length: 10 }, async () => (await ask(router.port)).body))
  assert.deepEqual(new Set(bodies), new Set(['two']))
})

test('draining a dyno that is unknown is done at once; an abort takes the wait back', async t => {
  const router = await startFixture(t)
  await router.feed.drained('nobody', AbortSignal.timeout(5000))
  await assert.rejects(
    router.feed.drained('nobody', AbortSignal.abort(new Error('never mind'))),
    /never mind/,
  )
})

test('whoever asks again whether all is applied is answered, with nothing new to apply', async t => {
  const router = await startFixture(t)
  await router.route({ targets: [] })
  await router.feed.applied(AbortSignal.timeout(5000))
  await router.feed.applied(AbortSignal.timeout(5000))
})

test('no request fails while releases follow one another under load', { timeout: 60_000 }, async t => {
  const router = await startFixture(t)
  const agent = new http.Agent({ keepAlive: true, maxSockets: 32 })
  t.after(() => agent.destroy())
  let release = 0
  const startRelease = () => {
    const name = `v${++release}`
    return startDyno(t, (_request, response) => void setImmediate(() => response.end(name)))
  }
  let current = await startRelease()
  await router.route({ targets: [current.target] })
  const bad: unknown[] = []
  const seen = new Set<string>()
  const isOver = new AbortController()
  const clients = Array.from({ length: 32 }, async (_, index) => {
    while (!isOver.signal.aborted) {
      const question = index % 4 === 0 ? { method: 'POST', body: 'x' } : {}
      const answer = await ask(router.port, { agent, ...question }).catch(fault => ({
        status: 0,
        body: String(fault),
      }))
      if (answer.status !== 200) bad.push(answer)
      seen.add(answer.body)
    }
  })
  for (let swap = 0; swap < 40; swap++) {
    const next = await startRelease()
    router.feed.updateApp(app({ targets: [next.target] }))
    await router.feed.applied(AbortSignal.timeout(5000))
    await router.feed.drained(current.target.dynoId, AbortSignal.timeout(5000))
    await current.close()
    current = next
  }
  isOver.abort()
  await Promise.all(clients)
  assert.deepEqual(bad, [])
  assert.ok(seen.size > 20, `only ${seen.size} releases were seen`)
})

test('an app that is removed, or left out of a new table, is gone', async t => {
  const router = await startFixture(t)
  await router.route({ state: 'blank' })
  router.feed.removeApp('app-1')
  await router.feed.applied(AbortSignal.timeout(5000))
  assert.equal((await ask(router.port)).status, 404)
  await router.route({ state: 'blank' })
  router.feed.setTable({ apps: [] })
  await router.feed.applied(AbortSignal.timeout(5000))
  assert.equal((await ask(router.port)).status, 404)
})

test('lines written while the control plane is away are delivered when it is back', async t => {
  const router = await startFixture(t)
  await router.route({ state: 'blank' })
  router.feed.close()
  await ask(router.port, { path: '/unseen' })
  const again = new RouterFeed(join(router.directory, 'feed'))
  t.after(() => again.close())
  again.open()
  for await (const { lines } of again.lines) {
    const line = lines.find(entry => /path="\/unseen"/.test(entry.line.text))
    if (!line) continue
    assert.equal(line.appId, 'app-1')
    assert.deepEqual([line.line.source, line.line.dyno], ['heroku', 'router'])
    break
  }
})

test('answers are counted for each release, and a new control plane is told all of it', async t => {
  const router = await startFixture(t)
  const good = await startDyno(t, (_request, response) => response.end('good'))
  const bad = await startDyno(t, (_request, response) => response.writeHead(503).end())
  await router.route({ targets: [{ ...good.target, releaseId: 'r1' }] })
  await ask(router.port)
  await router.route({ targets: [{ ...bad.target, releaseId: 'r2' }] })
  await ask(router.port)
  const next = new RouterFeed(join(router.directory, 'feed'))
  t.after(() => next.close())
  const { promise: told, resolve } = Promise.withResolvers<readonly Tally[]>()
  next.onTallies = resolve
  next.open()
  assert.deepEqual(await told, [
    { appId: 'app-1', releaseId: 'r1', answers: 1, errors: 0 },
    { appId: 'app-1', releaseId: 'r2', answers: 1, errors: 1 },
  ])
})

test('lines are delivered again until they are acknowledged', async t => {
  const router = await startFixture(t)
  await router.route({ state: 'blank' })
  router.feed.close()
  await ask(router.port, { path: '/once' })
  const texts: string[] = []
  for (const isLast of [false, true]) {
    const feed = new RouterFeed(join(router.directory, 'feed'))
    feed.setTable({ apps: [] })
    feed.open()
    for await (const { lines, ack } of feed.lines) {
      texts.push(...lines.map(entry => entry.line.text))
      if (isLast) ack()
      break
    }
    feed.close()
  }
  assert.equal(texts.filter(text => /path="\/once"/.test(text)).length, 2)
})

interface Process {
  child: ChildProcess
  port: number
}

async function startProcess(t: TestContext, directory: string, feed: RouterFeed, port = 0): Promise<Process> {
  const settings = {
    host: '127.0.0.1',
    port,
    socketPath: join(directory, 'feed'),
    snapshotPath: join(directory, 'table.json'),
  }
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  const child = spawn(process.execPath, [main, JSON.stringify(settings)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  await feed.applied(AbortSignal.timeout(10_000))
  return { child, port: feed.router?.port ?? 0 }
}

test('a router that is killed comes back with its last table, and the feed finds it again', async t => {
  const directory = mkdtempSync(join(tmpdir(), 'router-'))
  const feed = new RouterFeed(join(directory, 'feed'))
  t.after(() => {
    feed.close()
    rmSync(directory, { recursive: true, force: true })
  })
  const dyno = await startDyno(t, (_request, response) => response.end('up'))
  feed.updateApp(app({ targets: [dyno.target] }))
  feed.open()
  const first = await startProcess(t, directory, feed)
  first.child.kill('SIGINT')
  first.child.kill('SIGHUP')
  assert.equal((await ask(first.port)).body, 'up')
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')
  feed.updateApp(app({ targets: [dyno.target], hosts: ['sushi.localhost', 'maki.localhost'] }))
  const again = await startProcess(t, directory, feed, first.port)
  assert.equal((await ask(again.port, { headers: { host: 'maki.localhost' } })).body, 'up')
  feed.close()
  again.child.kill('SIGKILL')
  await once(again.child, 'exit')
  // Without any control plane: the table is the one on disk.
  assert.equal(JSON.parse(readFileSync(join(directory, 'table.json'), 'utf8')).apps.length, 1)
  const idle = new RouterFeed(join(directory, 'feed'))
  t.after(() => idle.close())
  const alone = spawn(
    process.execPath,
    [
      fileURLToPath(new URL('main.ts', import.meta.url)),
      JSON.stringify({
        host: '127.0.0.1',
        port: again.port,
        socketPath: join(directory, 'feed'),
        snapshotPath: join(directory, 'table.json'),
      }),
    ],
    { stdio: 'ignore' },
  )
  t.after(() => alone.kill('SIGKILL'))
  assert.equal(await firstAnswer(again.port), 'up')
  alone.kill('SIGTERM')
  assert.deepEqual(await once(alone, 'exit'), [0, null])
})

/** Asks until somebody listens. */
async function firstAnswer(port: number): Promise<string> {
  const late = AbortSignal.timeout(10_000)
  while (!late.aborted) {
    const answer = await ask(port).catch(() => undefined)
    if (answer) return answer.body
  }
  throw new Error(`Nobody listens on ${port}.`)
}

test('SIGTERM lets the request in flight finish', async t => {
  const directory = mkdtempSync(join(tmpdir(), 'router-'))
  const feed = new RouterFeed(join(directory, 'feed'))
  t.after(() => {
    feed.close()
    rmSync(directory, { recursive: true, force: true })
  })
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<http.ServerResponse>()
  const dyno = await startDyno(t, (_request, response) => arrive(response))
  feed.updateApp(app({ targets: [dyno.target] }))
  feed.open()
  const { child, port } = await startProcess(t, directory, feed)
  const agent = new http.Agent({ keepAlive: true })
  t.after(() => agent.destroy())
  const answer = ask(port, { agent })
  const response = await arrived
  child.kill('SIGTERM')
  response.end('finished')
  assert.equal((await answer).body, 'finished')
  assert.deepEqual(await once(child, 'exit'), [0, null])
})

test('the control plane can end the router', async t => {
  const directory = mkdtempSync(join(tmpdir(), 'router-'))
  const feed = new RouterFeed(join(directory, 'feed'))
  t.after(() => {
    feed.close()
    rmSync(directory, { recursive: true, force: true })
  })
  feed.open()
  const { child } = await startProcess(t, directory, feed)
  feed.stop(1000)
  assert.deepEqual(await once(child, 'exit'), [0, null])
})

test('a port that is taken is a sentence and exit code 1', async t => {
  const dyno = await startDyno(t, () => {})
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  const settings = {
    host: '127.0.0.1',
    port: dyno.port,
    socketPath: '/nonexistent/feed',
    snapshotPath: '/nonexistent/table',
  }
  const child = spawn(process.execPath, [main, JSON.stringify(settings)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr?.on('data', chunk => {
    said += chunk
  })
  assert.deepEqual(await once(child, 'close'), [1, null])
  assert.match(
    said,
    new RegExp(
      `^router: The router cannot listen on 127\\.0\\.0\\.1:${dyno.port}: another program is using it\\. `,
    ),
  )
})

test('a target that changes its address is another one', async t => {
  const router = await startFixture(t)
  const one = await startDyno(t, (_request, response) => response.end('one'))
  const two = await startDyno(t, (_request, response) => response.end('two'))
  await router.route({ targets: [target(one.port, 'same')] })
  assert.equal((await ask(router.port)).body, 'one')
  await router.route({ targets: [target(two.port, 'same')] })
  assert.equal((await ask(router.port)).body, 'two')
})
