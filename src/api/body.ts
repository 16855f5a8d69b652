import { UserError } from '../core/errors.ts'
import type { Api } from './instance.ts'

/** Reads every body as JSON, whatever its type says: curl calls everything a form. Keeps it as it was sent, too. */
export function acceptJson(api: Api): void {
  api.removeAllContentTypeParsers()
  // Uploaders send an empty type to keep signatures simple; it means as little as none.
  api.addHook('onRequest', async ({ raw }) => {
    if (raw.headers['content-type'] === '') raw.headers['content-type'] = 'application/octet-stream'
  })
  api.addContentTypeParser('*', { parseAs: 'string' }, (request, text, done) => {
    request.sentBody = String(text)
    if (request.sentBody.trim() === '') return done(null, undefined)
    const type = request.headers['content-type'] ?? ''
    if (request.routeOptions.config.takesForms && type.startsWith('application/x-www-form-urlencoded'))
      return done(null, Object.fromEntries(new URLSearchParams(request.sentBody)))
    try {
      done(null, JSON.parse(request.sentBody))
    } catch {
      done(
        new UserError(
          'bad_request',
          'The request body is not valid JSON. Send a JSON object with Content-Type: application/json.',
        ),
      )
    }
  })
}
