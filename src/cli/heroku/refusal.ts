/** Commands that talk to hosts which cannot be replaced, most of them with the token; a topic stands for all below it. */
const ELSEWHERE = [
  'apps:errors',
  'apps:favorites',
  'ci',
  'dashboard',
  'notifications',
  'pipelines:connect',
  'pipelines:diff',
  'pipelines:setup',
  'ps:copy',
  'ps:exec',
  'ps:forward',
  'ps:socks',
  'repos',
  'reviewapps',
  'status',
  'telemetry',
  'update',
]

const INSTEAD: Readonly<Record<string, string>> = {
  login: 'tidemark login',
  'auth:login': 'tidemark login',
  logout: 'tidemark logout',
  'auth:logout': 'tidemark logout',
}

/** Why `heroku` with these arguments must not be run here, as a sentence; undefined when it may. */
export function refusal(argv: readonly string[]): string | undefined {
  // The official CLI takes a command only as its first word.
  const [first = '', second = ''] = argv
  for (const command of [first, `${first}:${second}`].map(word => word.toLowerCase())) {
    const instead = INSTEAD[command]
    if (instead) return `heroku ${command} works on the login of Heroku itself. Use: ${instead}`
    if (ELSEWHERE.some(topic => command === topic || command.startsWith(`${topic}:`))) {
      return `heroku ${command} talks to Heroku's own hosts, which would get this platform's token, and cannot work here.`
    }
    if (/^container(:|$)/.test(command)) {
      return `heroku ${command} pushes images to Heroku's own registry and cannot work here. Deploy with git push or tidemark builds:create.`
    }
  }
  return undefined
}
