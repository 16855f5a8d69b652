import { Type } from '@sinclair/typebox'
import type { SsoLink } from '../../core/addon-service.ts'
import { notFound } from '../../core/errors.ts'
import type { ApiContext } from '../context.ts'
import type { Api } from '../instance.ts'
import { capabilitiesOf } from '../stream-url.ts'

/** The page a browser is sent to that is to see an add-on at its provider: it goes on there at once. */
export function addonPageRoutes(api: Api, context: ApiContext): void {
  api.get(
    '/addons/:addon/open',
    {
      config: { access: 'capability' },
      schema: {
        hide: true,
        params: Type.Object({ addon: Type.String() }),
        querystring: Type.Object({ id: Type.String(), email: Type.String(), app: Type.String() }),
      },
    },
    async (request, reply) => {
      capabilitiesOf(context).check(request)
      const addon = await context.ledger.read.addons.byId(request.params.addon)
      const link = addon && (await context.addons.sso(addon, request.query))
      if (!link) throw notFound('add_on')
      reply.header('referrer-policy', 'no-referrer').type('text/html; charset=utf-8')
      return reply.serializer(text => String(text)).send(page(addon.name, link))
    },
  )
}

/** A form that sends itself; where scripts are off, a button does. */
function page(name: string, { method, action, params }: SsoLink): string {
  const fields = Object.entries(params).map(
    ([key, value]) => `<input type="hidden" name="${escaped(key)}" value="${escaped(value)}">`,
  )
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(name)}</title></head>
<body><form method="${method}" action="${escaped(action)}">${fields.join('')}
<p>Opening ${escaped(name)}…</p><button>Go on</button></form>
<script>document.forms[0].submit()</script></body></html>
`
}

function escaped(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replace(/[&<>"']/g, character => entities[character] ?? character)
}
