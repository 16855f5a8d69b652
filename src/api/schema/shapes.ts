import { type Static, type TSchema, type TUnsafe, Type } from '@sinclair/typebox'

/** Parts that many shapes are made of. */

/** A value that may be null, as OpenAPI 3.0 says it. */
export function nullable<T extends TSchema>(schema: T): TUnsafe<Static<T> | null> {
  const { anyOf } = schema as { anyOf?: object[] }
  if (anyOf)
    return Type.Unsafe<Static<T> | null>({
      ...schema,
      anyOf: anyOf.map(branch => ({ ...branch, nullable: true })),
    })
  return Type.Unsafe<Static<T> | null>({ ...schema, nullable: true })
}

export function oneOf<T extends string>(...values: readonly T[]): TUnsafe<T> {
  return Type.Unsafe<T>({ type: 'string', enum: [...values] })
}

/** For values whose shape depends on what the client accepts. */
export const Anything = Type.Unsafe<unknown>({})

export const Id = Type.String({ description: 'UUID' })
export const Timestamp = Type.String({ description: 'ISO 8601, UTC, whole seconds' })
export const Strings = Type.Record(Type.String(), Type.String())
export const Named = Type.Object({ id: Id, name: Type.String() })
export const OnlyId = Type.Object({ id: Id })
export const Person = Type.Object({ id: Id, email: Type.String() })
export const Empty = Type.Object({})

/** Named in a body: by its id or name, or by an object with either. */
export const Identity = Type.Unsafe<string | { id?: string; name?: string }>({
  anyOf: [
    { type: 'string', minLength: 1 },
    { type: 'object', properties: { id: { type: 'string' }, name: { type: 'string' } } },
  ],
})

/** What an {@link Identity} names. */
export function identityOf(identity: Static<typeof Identity>): string {
  return typeof identity === 'string' ? identity : (identity.id ?? identity.name ?? '')
}

export const AppParams = Type.Object({ app: Type.String({ description: 'Id or name of an app' }) })
