import type { Static, TSchema } from '@sinclair/typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyTypeProvider,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { Account, Token } from '../core/account.ts'

/** Types requests and answers by the TypeBox schemas of their route. */
interface TypeBoxProvider extends FastifyTypeProvider {
  validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown
  serializer: this['schema'] extends TSchema ? Static<this['schema']> : unknown
}

/** The server that resources add their routes to. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxProvider
>

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks. Null on public routes only, whose handlers do not look at it. */
    account: Account
    /** The token the request came with; null when it came with a password. */
    token: { token: Token; secret: string } | null
    /** The add-on that a provider's token is for; null when nobody's provider asks. */
    addonId: string | null
    /** The body as it was sent, for telling a repeated request from another one. */
    sentBody: string
    /** The same for the same request sent again, after a restart too; undefined for one without a Request-Id. */
    repeatKey: string | undefined
  }

  interface FastifyContextConfig {
    /**
     * Who may call the route: anybody with a token unless it says otherwise. `capability` routes check a signed URL,
     * `provider` routes are for the provider of an add-on.
     */
    access?: 'public' | 'capability' | 'password' | 'provider'
    /** The provider of an add-on may call it as well. */
    isForProviders?: boolean
    /** A body that says it is a form is read as one. */
    takesForms?: boolean
    /** Calls of this route are not counted. */
    isFree?: boolean
  }
}
