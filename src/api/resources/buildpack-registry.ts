import { Type } from '@sinclair/typebox'
import { type BuiltIn, builtInName } from '../buildpack-ref.ts'
import type { Api } from '../instance.ts'

const DESCRIPTIONS: Readonly<Record<BuiltIn, string>> = {
  nodejs: 'Apps with a package.json',
  static: 'Web sites of plain files with an index.html',
  procfile: 'Anything else that says in a Procfile how it is run',
}

const NAMESPACE = 'tidemark'
const several = Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())]))

/** Where the official CLI looks up names like heroku/nodejs before it sets a buildpack: the built-in ones. */
export function buildpackRegistryRoutes(api: Api): void {
  const open = { config: { access: 'public' as const } }

  api.get(
    '/buildpacks',
    {
      ...open,
      schema: {
        hide: true,
        querystring: Type.Object({
          'in[namespace][]': several,
          'in[name][]': several,
          'like[description]': Type.Optional(Type.String()),
        }),
      },
    },
    async ({ query }) => {
      const namespaces = [query['in[namespace][]'] ?? NAMESPACE].flat()
      const names = query['in[name][]'] && [query['in[name][]']].flat()
      const words = query['like[description]']?.toLowerCase() ?? ''
      return builtIns()
        .filter(({ namespace }) => namespaces.includes(namespace))
        .filter(({ name }) => names?.includes(name) ?? true)
        .filter(({ description }) => description.toLowerCase().includes(words))
    },
  )

  api.get(
    '/buildpacks/:buildpack',
    { ...open, schema: { hide: true, params: Type.Object({ buildpack: Type.String() }) } },
    async (request, reply) => {
      const { buildpack } = request.params
      const found = builtIns().find(({ name }) => name === builtInName(buildpack))
      if (found) return found
      // The official CLI looks at no status here. It sends on what it finds as blob_url, so that the refusal of the
      // next request can name what was asked for.
      reply.code(404)
      return { id: 'not_found', message: "Couldn't find that buildpack.", blob_url: buildpack }
    },
  )
}

function builtIns() {
  return Object.entries(DESCRIPTIONS).map(([name, description]) => ({
    namespace: NAMESPACE,
    name,
    category: 'languages',
    description,
    blob_url: `${NAMESPACE}/${name}`,
  }))
}
