import { v7 as uuidv7 } from 'uuid'
import { afterAll, describe, expect, it } from 'vitest'
import { createStanding } from '@/server/auth/standing'
import type { Db } from '@/server/db'
import type { EngineError } from '@/server/engine'
import { hashApiKey } from '@/server/engine/domain/api-key'
import { openApi } from '@/testing/api'
import { createKey, createUser, type Credentials } from '@/testing/api-world'

// A caller who loses a right loses only the streams that needed it, and nobody else loses theirs.

const { services, world, api, close } = await openApi()
afterAll(close)

async function member(organizationId: string) {
  const name = uuidv7()
  const { cookies, userIds } = await createUser(
    services.db,
    { cookies: {}, userIds: {} },
    name,
    organizationId,
    'OPERATOR',
  )
  return { who: { cookie: cookies[name] }, userId: userIds[name]! }
}
async function organization(): Promise<string> {
  const id = uuidv7()
  await services.db.organization.create({ data: { id, name: 'Another', slug: id } })
  return id
}
const keyRow = (key: string) => ({ hash: new Uint8Array(hashApiKey(key)) })

/** Opens a stream, and resolves once it is open. `end` is the reason of its end. */
async function open(organizationId: string, who: Credentials) {
  const stop = new AbortController()
  // A cursor that does not exist is answered with an event at once, which shows that the stream has begun.
  const reader = (await api.watch({ organizationId, lastEventId: 'nowhere' }, who, stop.signal)).body!.getReader()
  const until = async (pattern: RegExp): Promise<string | undefined> => {
    for (let text = ''; ;) {
      const { done, value } = await reader.read()
      text += new TextDecoder().decode(value)
      const found = pattern.exec(text)
      if (found || done) return found?.[1]
    }
  }
  await until(/"type":"(reset)"/)
  return { end: until(/"reason":"(\w+)"/), stop }
}

describe('an open stream', () => {
  it('an open stream ends when its caller loses the right to it, in each of seven ways', async () => {
    const { db } = services
    const [suspended, deleted] = [await organization(), await organization()]
    const [removed, disabled, admin] = await Promise.all([member(world.acme), member(world.acme), member(world.globex)])
    await db.user.update({ where: { id: admin.userId }, data: { systemAdmin: true } })
    const [revoked, expired, ofSuspended, ofDeleted] = await Promise.all([
      createKey(db, world.acme, 'VIEWER'),
      createKey(db, world.acme, 'VIEWER'),
      createKey(db, suspended, 'VIEWER'),
      createKey(db, deleted, 'VIEWER'),
    ])
    const streams = {
      removed: await open(world.acme, removed.who),
      disabled: await open(world.acme, disabled.who),
      'no longer system admin': await open(world.acme, admin.who),
      revoked: await open(world.acme, { key: revoked }),
      expired: await open(world.acme, { key: expired }),
      suspended: await open(suspended, { key: ofSuspended }),
      deleted: await open(deleted, { key: ofDeleted }),
    }
    const untouched = await open(world.acme, { key: world.keys['acme.VIEWER'] })

    await db.orgMember.deleteMany({ where: { person: { userId: removed.userId } } })
    await db.user.update({ where: { id: disabled.userId }, data: { disabledAt: new Date() } })
    await db.user.update({ where: { id: admin.userId }, data: { systemAdmin: false } })
    await db.apiKey.update({ where: keyRow(revoked), data: { revokedAt: new Date() } })
    await db.apiKey.update({ where: keyRow(expired), data: { expiresAt: new Date() } })
    await db.organization.update({ where: { id: suspended }, data: { status: 'SUSPENDED' } })
    await db.organization.update({ where: { id: deleted }, data: { status: 'DELETED' } })
    const ends = await Promise.all(Object.entries(streams).map(async ([why, { end }]) => [why, await end]))
    expect(Object.fromEntries(ends)).toEqual({
      removed: 'NOT_FOUND',
      disabled: 'UNAUTHENTICATED',
      'no longer system admin': 'NOT_FOUND',
      revoked: 'UNAUTHENTICATED',
      expired: 'UNAUTHENTICATED',
      suspended: 'ORGANIZATION_SUSPENDED',
      deleted: 'NOT_FOUND',
    })
    expect(await Promise.race([untouched.end, Promise.resolve('goes on')])).toBe('goes on')
    // Reading goes on in a suspended organization.
    const again = await open(suspended, { key: ofSuspended })
    again.stop.abort()
    untouched.stop.abort()
  })
})

describe('the callers of open streams', () => {
  const headers = (key: string) => new Headers({ authorization: `Bearer ${key}` })
  /** The database, with its reads counted or with other answers. */
  function watched(read: (real: () => unknown) => unknown): Db {
    const queryRaw = (...given: unknown[]) =>
      read(() => (services.db.$queryRaw as (...all: unknown[]) => unknown)(...given))
    return new Proxy(services.db, {
      get: (target, name) => (name === '$queryRaw' ? queryRaw : Reflect.get(target, name)),
    })
  }

  it('the database is read once for all open streams of callers with the same credentials', async () => {
    let reads = 0
    let seen = 0
    const standing = createStanding(watched((real) => (reads++, real())))
    const [one, two] = [headers(world.keys['acme.ADMIN']!), headers(world.keys['acme.VIEWER']!)]
    const followers = Array.from({ length: 1000 }, (_, n) => standing.follow(n % 2 ? one : two, () => void seen++))
    await expect.poll(() => seen, { timeout: 20_000 }).toBeGreaterThanOrEqual(2000)
    // Callers with the same credentials that are checked at the same moment share one read of the database.
    expect(reads).toBeLessThanOrEqual(seen / 500)
    expect(followers.some(({ lost }) => lost.aborted)).toBe(false)
    for (const { release } of followers) release()
  })

  it('open streams end if the database does not tell in time who their callers are', async () => {
    const standing = createStanding(watched(() => new Promise(() => undefined)))
    const { lost, release } = standing.follow(headers(world.keys['acme.ADMIN']!), () => undefined)
    await expect.poll(() => lost.aborted, { timeout: 20_000 }).toBe(true)
    expect((lost.reason as EngineError).reason).toBe('UNAVAILABLE')
    release()
  })
})
