/** A pushed change of one line until it answers, against what it takes by hand: git push, npm ci, node server.js. */
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { run } from '../test/support/repository.ts'
import { bareBoot, DeployedApp, serverSource } from './deployed-app.ts'
import { compare, inTurns, timed } from './side-by-side.ts'

const ROUNDS = 8

// Both sides start it by the same command.
const files = { 'server.js': serverSource(0), Procfile: 'web: node server.js\n' }
await using app = await DeployedApp.start('node-deps', files)
const { repository } = app
const { node = process.execPath } = (await app.ask()) ?? {}
const directory = await mkdtemp(join(tmpdir(), 'tidemark-bench-'))
try {
  const [remote, checkout] = [join(directory, 'bare.git'), join(directory, 'checkout')]
  await must('git', ['init', '--quiet', '--bare', remote])
  await cp(repository.directory, checkout, {
    recursive: true,
    filter: path => !path.includes(`${repository.directory}/.git`),
  })
  const npmCi = () =>
    must('npm', ['ci', '--omit=dev', '--no-audit', '--no-fund', '--prefer-offline'], checkout)
  await npmCi()
  let count = 0
  const change = async () => {
    await repository.write('server.js', `${serverSource(0)}// ${count++}\n`)
    await repository.commit('Change')
  }
  const byHand = async () => {
    await change()
    const pushed = await timed(() => must('git', ['push', '--quiet', remote, 'main'], repository.directory))
    return pushed + (await timed(npmCi)) + (await bareBoot(node, checkout))
  }
  const deployed = async () => {
    await app.settled()
    await change()
    return timed(() => app.push())
  }
  const sides = await inTurns({ ours: deployed, bare: byHand }, ROUNDS)
  compare('push of one line', { ...sides, unit: 'ms', goal: { atMost: 1.5 } })
} finally {
  await rm(directory, { recursive: true })
}

async function must(program: string, args: readonly string[], cwd?: string): Promise<void> {
  const environment = {
    PATH: `${dirname(node)}:${process.env.PATH}`,
    npm_config_cache: join(directory, 'npm'),
  }
  const { status, stdout, stderr } = await run(program, args, { environment, ...(cwd && { cwd }) })
  if (status !== 0)
    throw new Error(`${program} ${args.join(' ')} ended with status ${status}:\n${stdout}${stderr}`)
}
