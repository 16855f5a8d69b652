import { ProviderRefusal, ProviderUnavailable } from '../../provider.ts'

/** Codes of the system's and of PostgreSQL's, and what they mean to somebody who asked for a database. */
const SENTENCES: readonly [RegExp, string][] = [
  [/^ECONNREFUSED$/, 'does not answer: nothing listens there. Start it, or wait until it is back.'],
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'cannot be found by its name.'],
  [/^(ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/, 'cannot be reached, or ended the connection.'],
  [/^(08...|57P0.)$/, 'is starting, stopping or ended the connection.'],
  [/^28...$/, 'does not let the administrator in. Check the URL it was named with.'],
  [
    /^42501$/,
    'lets the administrator do too little: it has to be a superuser, or may create databases and roles.',
  ],
  [/^53100$/, 'has no disk space left.'],
  [/^53...$/, 'has no connection or memory left.'],
]

/** What went wrong on the way to the server, as a caller of a provider is told. The message holds no secret. */
export function providerError(error: unknown): ProviderRefusal | ProviderUnavailable {
  if (error instanceof ProviderRefusal || error instanceof ProviderUnavailable) return error
  const { code = '', message } = error as { code?: string; message: string }
  const [, sentence] = SENTENCES.find(([pattern]) => pattern.test(code)) ?? []
  const said = sentence ?? `could not do it: ${message}`
  return new ProviderUnavailable(`The PostgreSQL server for add-ons ${said}`, { cause: error })
}
