import { v7 as uuidv7 } from 'uuid'
import { beginSession, sessionToken } from '@/server/auth/session-cookie'
import type { Db } from '@/server/db'
import { apiKeyPrefix, generateApiKey, hashApiKey } from '@/server/engine/domain/api-key'
import type { KeyRole, OrgRole } from '@/server/generated/prisma/enums'
import type { Json } from '@/server/engine/domain/types'
import { jobType } from '@/server/engine/domain/job-type-config'
import { handleTrpc } from '@/server/api/http'
import type { Services } from '@/server/api/services'
import { createJobTypes } from './job-types'

// For tests of the API: two organizations, and calls in the way in which another service makes them.

const SECRET = 'a-secret-for-tests-of-the-api-0123456789'
export const ORIGIN = 'http://localhost:3000'

/** Sets what the API reads of its environment. */
export function setTestEnvironment(databaseUrl: string): void {
  // There is one proxy. In an X-Forwarded-For of several addresses that tests send, its own address comes last, as a
  // web process appends the address of its peer. Before it comes the address that the proxy saw. Where a test sends
  // only one address, it counts as the caller's.
  Object.assign(process.env, {
    DATABASE_URL: databaseUrl,
    NEXTAUTH_SECRET: SECRET,
    NEXTAUTH_URL: ORIGIN,
    TRUSTED_PROXIES: '1',
  })
}

export interface World {
  acme: string
  globex: string
  /** Keys by organization and role, such as `acme.ADMIN`. `root` is the platform's. */
  keys: Record<string, string>
  /** Cookie headers, by the same names. */
  cookies: Record<string, string>
  userIds: Record<string, string>
}

/**
 * Makes two organizations, each with a person and a key for each of its roles, and a key of the platform. Of the job types
 * `test.noop` takes anything, `test.admin-only` needs the role ADMIN, and `test.strict` needs an integer `count` and
 * takes nothing else.
 */
export async function createWorld(db: Db): Promise<World> {
  const world: World = { acme: uuidv7(), globex: uuidv7(), keys: {}, cookies: {}, userIds: {} }
  for (const slug of ['acme', 'globex'] as const) {
    await db.organization.create({ data: { id: world[slug], name: slug, slug } })
    for (const role of ['VIEWER', 'OPERATOR', 'ADMIN'] as const) {
      const name = `${slug}.${role}`
      world.keys[name] = await createKey(db, world[slug], role)
      Object.assign(world, await createUser(db, world, name, world[slug], role))
    }
  }
  world.keys.root = await createKey(db, null, 'SYSTEM_ADMIN')
  await createJobType(db, 'test.noop', {})
  await createJobType(db, 'test.admin-only', { requiredRole: 'ADMIN' })
  await createJobType(db, 'test.strict', {
    parameterSchema: {
      type: 'object',
      properties: { count: { type: 'integer' } },
      required: ['count'],
      additionalProperties: false,
    },
  })
  return world
}

/** Makes an API key of an organization, or of the platform where `organizationId` is null. Returns the key. */
export async function createKey(
  db: Db,
  organizationId: string | null,
  role: KeyRole,
  more: { expiresAt?: Date; revokedAt?: Date; callsPerSecond?: number } = {},
): Promise<string> {
  const key = generateApiKey('demo')
  await db.apiKey.create({
    data: {
      id: uuidv7(),
      organizationId,
      role,
      name: `${role} key`,
      prefix: apiKeyPrefix(key),
      hash: new Uint8Array(hashApiKey(key)),
      ...more,
    },
  })
  return key
}

/**
 * Makes a person with a role in an organization. Returns the cookies and user ids of the world with this person's
 * added. It does not change `world`.
 */
export async function createUser(
  db: Db,
  world: Pick<World, 'cookies' | 'userIds'>,
  name: string,
  organizationId: string,
  role: OrgRole,
): Promise<Pick<World, 'cookies' | 'userIds'>> {
  const id = uuidv7()
  await db.user.create({ data: { id, email: `${name.toLowerCase()}@example.com` } })
  await db.person.create({
    data: { id: uuidv7(), userId: id, name, memberships: { create: { organizationId, role } } },
  })
  const token = await sessionToken(beginSession(id, 0)) // 0: this user never signed out everywhere
  return {
    cookies: { ...world.cookies, [name]: `next-auth.session-token=${token}` },
    userIds: { ...world.userIds, [name]: id },
  }
}

async function createJobType(
  db: Db,
  name: string,
  over: { requiredRole?: OrgRole; parameterSchema?: { [key: string]: Json } },
): Promise<void> {
  await createJobTypes(db, [
    jobType({ name, displayName: name, description: '', handler: 'sample.noop', parameterSchema: {}, ...over }),
  ])
}

export interface Answer {
  status: number
  headers: Headers
  /** The result's data, or undefined. */
  data: any // eslint-disable-line @typescript-eslint/no-explicit-any -- a test reads what a foreign program would
  /** The error, or undefined. */
  error: any // eslint-disable-line @typescript-eslint/no-explicit-any -- the same
  text: string
}

export type Credentials = { key?: string; cookie?: string; headers?: Record<string, string> }

/** Calls procedures in the way in which curl would. */
export function caller(services: Services) {
  const headersOf = ({ key, cookie, headers }: Credentials): Record<string, string> => ({
    host: 'localhost:3000',
    ...(key ? { authorization: `Bearer ${key}` } : {}),
    ...(cookie ? { cookie } : {}),
    ...headers,
  })
  const read = async (response: Response): Promise<Answer> => {
    const text = await response.text()
    const body = (text.startsWith('{') ? JSON.parse(text) : {}) as { result?: { data?: unknown }; error?: unknown }
    return { status: response.status, headers: response.headers, data: body.result?.data, error: body.error, text }
  }
  return {
    query: async (path: string, input: unknown, who: Credentials = {}) => {
      const search = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`
      return read(
        await handleTrpc(new Request(`${ORIGIN}/api/trpc/${path}${search}`, { headers: headersOf(who) }), services),
      )
    },
    mutate: async (path: string, input: unknown, who: Credentials = {}) =>
      read(
        await handleTrpc(
          new Request(`${ORIGIN}/api/trpc/${path}`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', ...headersOf(who) },
            body: typeof input === 'string' ? input : JSON.stringify(input),
          }),
          services,
        ),
      ),
    /** Sends a request just as the test made it, such as a batch, or one with a wrong body. */
    send: async (path: string, init: RequestInit, who: Credentials = {}) =>
      read(
        await handleTrpc(
          new Request(`${ORIGIN}/api/trpc/${path}`, { ...init, headers: { ...headersOf(who), ...init.headers } }),
          services,
        ),
      ),
    /** Opens the stream of a subscription. */
    watch: (input: unknown, who: Credentials, signal: AbortSignal) =>
      handleTrpc(
        new Request(`${ORIGIN}/api/trpc/jobs.watch?input=${encodeURIComponent(JSON.stringify(input))}`, {
          headers: headersOf(who),
          signal,
        }),
        services,
      ),
  }
}
