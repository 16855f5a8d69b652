import type { EventData, LedgerEvent } from '../ledger/events.ts'
import type { LogLine } from '../logs/line.ts'

/** The API's lines in an app's log (`app[api]: Release v9 created by user …`), in the wording that log readers know. */
export function apiLines(event: LedgerEvent): { appId: string; line: LogLine }[] {
  const { appId } = event
  if (appId === null) return []
  return texts(event).map(text => ({ appId, line: { at: event.at, source: 'app', dyno: 'api', text } }))
}

function texts({ kind, data }: LedgerEvent): string[] {
  const by = data.user === undefined ? '' : ` by user ${data.user}`
  switch (kind) {
    case 'release:create':
      return [
        `${data.description}${by}`,
        data.hasCommand
          ? `Running release v${data.version} commands${by}`
          : `Release v${data.version} created${by}`,
      ]
    case 'release:update':
      return endOfRelease(data, by)
    case 'release:pin':
      return [`Pin release v${data.version}: ${data.reason}${by}`]
    case 'release:unpin':
      return [`Unpin release v${data.version}${by}`]
    case 'release:expire':
      return [`Expired ${data.count} releases (v${data.first} to v${data.last}) by the retention policy`]
    case 'build:create':
      return [`Build started${by}`]
    case 'build:update':
      return [data.status === 'succeeded' ? 'Build succeeded' : `Build failed: ${data.reason}`]
    case 'formation:update':
      return [`${data.description}${by}`]
    case 'dyno:create':
      return data.command === undefined ? [] : [`Starting process with command \`${data.command}\`${by}`]
    case 'collaborator:create':
      return [`Add ${data.email} as collaborator${by}`]
    case 'collaborator:destroy':
      return [`Remove ${data.email} as collaborator${by}`]
    default:
      return []
  }
}

function endOfRelease({ status, version, hasCommand, phase, reason }: EventData, by: string): string[] {
  if (status === 'succeeded' && hasCommand) return [`Release v${version} created${by}`]
  if (status !== 'failed') return []
  return [
    ...(phase === 'command' ? [`Release v${version} command failed${by}`] : []),
    `Release v${version} failed: ${reason}`,
  ]
}
