import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ACCESS, roleMayDo, type Action, type Role } from '@/server/auth/access'
import { cancelJob, createAlertRule, createSchedule, registerWorker, submitJob } from '@/server/engine'
import { generateApiKey } from '@/server/engine/domain/api-key'
import type { Actor } from '@/server/engine/domain/types'
import { ROWS, type Objects, type Row } from './access-matrix.fixture'
import { openApi } from '@/testing/api'
import { createKey, createUser, type Credentials } from '@/testing/api-world'
import { appRouter } from './root'

// Calls every procedure as every kind of caller. The expected results are not written here. They follow from the access
// table and the row of the procedure.

interface Somebody {
  name: string
  who: Credentials
  /** The caller's role in the organization of the objects. Null if it has none. */
  here: Role | null
  /** The caller's roles in any organization. Null if its credentials are no longer valid. */
  anywhere: Role[] | null
  actor: Actor
}

/** Who has made the objects that are not the caller's own. */
const stranger: Actor = { type: 'user', id: uuidv7(), name: 'Somebody else' }
const ROLES = ['VIEWER', 'OPERATOR', 'ADMIN'] as const
// At run time the router holds all procedures by their full names, in one level. Its type does not say so.
const procedures = appRouter._def.procedures as unknown as Record<
  string,
  { _def: { type: 'query' | 'mutation' | 'subscription' } }
>
const rows = Object.entries(ROWS).flatMap(([procedure, given]) => [given].flat().map((row) => ({ procedure, row })))

const { services, world, api, close } = await openApi()
/** Callers who belong to another organization, to the platform, or to nothing. They are the same for every row. */
let others: Somebody[]
/** How many pairs of a row and a caller were tried. */
let cells = 0

beforeAll(async () => {
  const { cookies, userIds } = await createUser(
    services.db,
    { cookies: {}, userIds: {} },
    'root',
    world.globex,
    'VIEWER',
  )
  await services.db.user.update({ where: { id: userIds.root }, data: { systemAdmin: true } })
  others = [
    { name: 'nobody', who: {}, here: null, anywhere: null, actor: stranger },
    {
      name: 'a broken key',
      who: { key: `${world.keys['acme.ADMIN']!.slice(0, -1)}-` },
      here: null,
      anywhere: null,
      actor: stranger,
    },
    { name: 'an unknown key', who: { key: generateApiKey() }, here: null, anywhere: null, actor: stranger },
    {
      name: 'a broken cookie',
      who: { cookie: 'next-auth.session-token=x.y.z' },
      here: null,
      anywhere: null,
      actor: stranger,
    },
    ...(await Promise.all(
      ROLES.flatMap((role) => [
        somebody(`${role} elsewhere, by key`, { key: world.keys[`globex.${role}`] }, null, role),
        somebody(`${role} elsewhere, by cookie`, { cookie: world.cookies[`globex.${role}`] }, null, role),
      ]),
    )),
    await somebody('SYSTEM_ADMIN by key', { key: world.keys.root }, 'SYSTEM_ADMIN', 'SYSTEM_ADMIN'),
    await somebody('SYSTEM_ADMIN by cookie', { cookie: cookies.root }, 'SYSTEM_ADMIN', 'SYSTEM_ADMIN'),
  ]
})
afterAll(close)

async function somebody(name: string, who: Credentials, here: Role | null, role: Role): Promise<Somebody> {
  const { type, id, name: called } = (await api.query('session.me', undefined, who)).data.user
  return { name, who, here, anywhere: [role], actor: { type, id, name: called } }
}

/**
 * Creates an organization with members and keys of every role, and with keys of its admins that are no longer valid.
 */
async function makeMembers(): Promise<{ organizationId: string; members: Somebody[] }> {
  const { db } = services
  const organizationId = uuidv7()
  await db.organization.create({ data: { id: organizationId, name: 'Here', slug: organizationId } })
  const members: Somebody[] = []
  for (const [name, data] of [
    ['revoked', { revokedAt: new Date() }],
    ['expired', { expiresAt: new Date(Date.now() - 1000) }],
  ] as const) {
    const key = await createKey(db, organizationId, 'ADMIN', data)
    members.push({ name: `a key that is ${name}`, who: { key }, here: null, anywhere: null, actor: stranger })
  }
  const ofRole = async (role: (typeof ROLES)[number]) => {
    const id = uuidv7()
    const { cookies } = await createUser(db, { cookies: {}, userIds: {} }, id, organizationId, role)
    return [
      await somebody(`${role} by key`, { key: await createKey(db, organizationId, role) }, role, role),
      await somebody(`${role} by cookie`, { cookie: cookies[id] }, role, role),
    ]
  }
  return { organizationId, members: [...members, ...(await Promise.all(ROLES.map(ofRole))).flat()] }
}

const isAction = (needs: Row['needs']): needs is Action => needs in ACCESS

/** The refusal that the access table gives a caller. Undefined means an answer. */
function expected(
  { needs, where = 'organization', hidden, ownIsEnough, keysGet, peopleOnly }: Row,
  { here, anywhere, who }: Somebody,
  own: boolean,
): string | undefined {
  if (needs === 'nothing') return undefined
  if (anywhere === null) return 'UNAUTHENTICATED'
  if (needs === 'anybody') return undefined
  if (needs === 'session') return who.cookie ? undefined : 'NOT_PERMITTED'
  if (needs === 'attempt') return 'NOT_PERMITTED'
  const reaches = (role: Role) => roleMayDo(role, needs, own || ownIsEnough)
  if (where !== 'organization') {
    // An action of the platform belongs to no organization. A role in an organization counts only if the action is
    // allowed with a role in any of them.
    return anywhere.some((role) => (where === 'anywhere' || role === 'SYSTEM_ADMIN') && reaches(role))
      ? undefined
      : hidden
        ? 'NOT_FOUND'
        : 'NOT_PERMITTED'
  }
  if (here === null) return 'NOT_FOUND'
  if (peopleOnly && who.key) return 'NOT_PERMITTED'
  if (keysGet && who.key && here !== 'SYSTEM_ADMIN') return keysGet
  return reaches(here) ? undefined : 'NOT_PERMITTED'
}

async function anyJob(organizationId: string, actor: Actor): Promise<string> {
  return (await submitJob(services.db, { organizationId, job: { jobType: 'test.noop', dedupe: false }, actor })).id
}

function objectsFor(organizationId: string, submitter: Actor): Objects {
  const { db } = services
  return {
    organizationId,
    job: async (as) => {
      const id = await anyJob(organizationId, submitter)
      if (as === 'canceled') await cancelJob(db, { jobId: id, actor: submitter })
      return id
    },
    apiKey: async (of) => {
      await createKey(db, of, of === null ? 'SYSTEM_ADMIN' : 'VIEWER')
      return (await db.apiKey.findFirstOrThrow({ where: { organizationId: of }, orderBy: { id: 'desc' } })).id
    },
    member: async () => {
      const name = uuidv7()
      const { userIds } = await createUser(db, { cookies: {}, userIds: {} }, name, organizationId, 'OPERATOR')
      return (await db.person.findUniqueOrThrow({ where: { userId: userIds[name] } })).id
    },
    bulk: async () => {
      const { type, id, name } = submitter
      const requestedBy = {
        requestedByType: type.toUpperCase() as 'USER' | 'KEY',
        requestedById: id,
        requestedByName: name,
      }
      return (
        await db.bulkAction.create({
          data: { id: uuidv7(), organizationId, kind: 'CANCEL', role: 'ADMIN', ownOnly: false, ...requestedBy },
        })
      ).id
    },
    rule: (of) =>
      createAlertRule(db, {
        organizationId: of,
        rule: {
          name: uuidv7(),
          condition: { kind: 'CIRCUIT_OPENED' },
          targets: [{ type: 'mail', to: ['oncall@example.com'] }],
        },
        actor: submitter,
        address: null,
      }),
    schedule: () =>
      createSchedule(db, {
        organizationId,
        actor: submitter,
        address: null,
        schedule: { name: uuidv7(), jobType: 'test.noop', cron: '@yearly', timeZone: 'UTC' },
      }),
    view: async () => {
      const { type, id, name } = submitter
      return (
        await db.savedView.create({
          data: {
            id: uuidv7(),
            organizationId,
            ownerId: id!,
            name: uuidv7(),
            query: {},
            shared: true,
            createdBy: { type, id, name },
          },
        })
      ).id
    },
    request: async (kind = 'CANCEL') => {
      const { type, id, name } = submitter
      const about =
        kind === 'CANCEL' ? { matched: 1, items: { create: { jobId: await anyJob(organizationId, submitter) } } } : {}
      return (
        await db.request.create({
          data: {
            id: uuidv7(),
            organizationId,
            kind,
            reason: 'Please',
            askedBy: { type, id, name },
            askedById: id!,
            expiresAt: new Date('2100-01-01'),
            ...about,
          },
        })
      ).id
    },
    circuit: async () => {
      const opened = {
        state: 'OPEN',
        failures: 6,
        outcomes: 10,
        openedAt: new Date(),
        countsFrom: new Date(),
        closedAt: null,
      } as const
      const jobType = 'test.noop'
      await db.circuit.upsert({
        where: { jobType_organizationId: { jobType, organizationId } },
        create: { jobType, organizationId, ...opened },
        update: opened,
      })
    },
    auditEntry: async () =>
      (
        await db.auditEvent.create({
          data: {
            id: uuidv7(),
            organizationId,
            actorType: 'SYSTEM',
            actorName: 'test',
            action: 'organization.update',
            targetType: 'organization',
            targetId: organizationId,
          },
        })
      ).id,
    worker: async () => {
      const id = uuidv7()
      await registerWorker(db, { id, host: 'test', pid: 1, isolatedSlots: 1, inlineSlots: 1 })
      return id
    },
    fresh: () => `x${uuidv7()}`,
  }
}

/** The reason of the refusal. Undefined if there was an answer. */
async function outcome(procedure: string, input: unknown, who: Credentials): Promise<string | undefined> {
  const { type } = procedures[procedure]!._def
  if (type !== 'subscription')
    return (await api[type === 'query' ? 'query' : 'mutate'](procedure, input, who)).error?.data.reason
  const stop = new AbortController()
  const reader = (await api.watch(input, who, stop.signal)).body!.getReader()
  for (let text = ''; ;) {
    const { done, value } = await reader.read()
    text += new TextDecoder().decode(value)
    const [, reason] = /"reason":"(\w+)"/.exec(text) ?? []
    if (reason || done || /"type":"/.test(text)) {
      stop.abort()
      return reason ?? (done ? 'an end' : undefined)
    }
  }
}

describe('who may do what', () => {
  it('the access matrix has a row for every procedure, and none for a procedure that does not exist (access-matrix.fixture.ts)', () => {
    expect(Object.keys(ROWS).sort()).toEqual(Object.keys(procedures).sort())
  })

  /**
   * These actions only decide what an answer shows, so no procedure needs them (http.db.test.ts, sensitive.db.test.ts).
   */
  const FIELDS: readonly Action[] = ['attempts.stack', 'parameters.sensitive']

  it('every action of the access table is needed by some procedure', () => {
    const needed = new Set(rows.map(({ row }) => row.needs))
    expect(
      (Object.keys(ACCESS) as Action[]).filter((action) => !needed.has(action) && !FIELDS.includes(action)),
    ).toEqual([])
  })

  it.each(
    rows.map(({ procedure, row }) => [row.case ? `${procedure} (${row.case})` : procedure, procedure, row] as const),
  )('every kind of caller gets from %s exactly what the access table says', async (_, procedure, row) => {
    const { organizationId, members } = await makeMembers()
    const wrong: string[] = []
    const tried = isAction(row.needs) && Object.values(ACCESS[row.needs]).includes('own') ? [false, true] : [false]
    // `others` ends with the two system administrators. They come last, because their calls change the most.
    const all = [...others.slice(0, -2), ...members, ...others.slice(-2)].flatMap((one) =>
      tried.map((own) => ({ one, own, want: expected(row, one, own) })),
    )
    // A refused call changes nothing, so all refused calls can share one set of objects.
    const forAllRefused = await row.input(objectsFor(organizationId, stranger))
    const tryOne = async ({ one, own, want }: (typeof all)[number]) => {
      const input =
        want === undefined || own
          ? await row.input(objectsFor(organizationId, own ? one.actor : stranger))
          : forAllRefused
      const got = await outcome(procedure, input, one.who)
      cells++
      if (got !== (want ?? row.then))
        wrong.push(
          `${one.name}${own ? ', to its own' : ''}: ${got ?? 'an answer'} instead of ${want ?? row.then ?? 'an answer'}`,
        )
    }
    // The calls that must be refused come first and run at the same time. So none of them is refused because another
    // call has changed something.
    await Promise.all(all.filter(({ want }) => want !== undefined).map(tryOne))
    for (const cell of all) {
      if (cell.want !== undefined) continue
      await tryOne(cell)
      // `account.signOutEverywhere` has ended the caller's sessions, but they are needed again.
      if (row.needs === 'session') await services.db.user.updateMany({ data: { sessionEpoch: 0 } })
    }
    expect(wrong).toEqual([])
  })

  it('the matrix was tried with every kind of caller in every row', () => {
    // Beside the others: a revoked and an expired key, and a key and a cookie of each role.
    const callers = others.length + 2 + 2 * ROLES.length
    expect(cells).toBeGreaterThanOrEqual(rows.length * callers)
    process.stdout.write(
      `access matrix: ${Object.keys(ROWS).length} procedures in ${rows.length} rows, ${callers} callers, ${cells} cells\n`,
    )
  })
})
