// JSON values in forms, and how their places are named.

import { hashKey } from '@tanstack/react-query'
import type { Json } from '@/server/engine/domain/types'

export type { Json }

export const isObject = (value: unknown): value is { [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * A member that the object itself has. Every object also inherits members, such as `constructor`, and a field may have
 * such a name.
 */
export function ownMember<T>(value: { [key: string]: T }, name: string): T | undefined
export function ownMember(value: unknown, name: string): unknown
export function ownMember(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

/**
 * True where two values are equal as JSON. PostgreSQL orders the fields of an object anew, so their order says nothing.
 * The types are compared as well, because `hashKey` writes what JSON does not have, such as NaN, as null.
 */
export const sameJson = (a: Json, b: Json) => typeof a === typeof b && hashKey([a]) === hashKey([b])

/** The path of a field, written as the server writes it (`jsonPath` in domain/canonical-json.ts): `rows[2].name`. */
export const childPath = (path: string, key: string | number) =>
  typeof key === 'number'
    ? `${path}[${key}]`
    : /^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(key)
      ? path === ''
        ? key
        : `${path}.${key}`
      : `${path}[${JSON.stringify(key)}]`
