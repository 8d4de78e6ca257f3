import { v7 as uuidv7 } from 'uuid'
import { beforeAll, describe, expect, it, test } from 'vitest'
import { refusal, openWorld } from '@/testing/engine'
import type { Actor, Scope } from '../../domain/types'
import { writeAudit, type AuditEvent } from '../administration/audit'
import { getAudit, listAudit, listAuditActors, type AuditEventView, type AuditFilter } from './audit-log'
import { plansOf } from './plans.fixture'

const { db, world } = await openWorld()
const { organizationId: acme, otherOrganizationId: globex } = world
const both: Scope = { organizationIds: [acme, globex] }
const everywhere: Scope = { all: true }

const dana: Actor = { type: 'user', id: uuidv7(), name: 'Dana' }
const shop: Actor = { type: 'key', id: uuidv7(), name: 'Shop' }
const system: Actor = { type: 'system', id: null, name: 'worker' }

const act = (organizationId: string | null, actor: Actor, over: Partial<AuditEvent> = {}): AuditEvent => ({
  organizationId,
  actor,
  address: null,
  action: 'control.pause',
  targetType: organizationId === null ? 'jobType' : 'organization',
  targetId: organizationId ?? 'report.monthly',
  ...over,
})

let all: AuditEventView[]
beforeAll(async () => {
  for (let n = 0; n < 6; n++) {
    await writeAudit(db, act(acme, dana))
    await writeAudit(
      db,
      act(acme, n % 2 ? shop : system, { action: 'job.delete', targetType: 'job', targetId: `job${n}` }),
    )
    await writeAudit(db, act(globex, { ...dana, name: 'Dana Old' }))
    await writeAudit(db, act(null, dana, { action: 'jobType.update' }))
  }
  await writeAudit(db, act(globex, dana))
  all = (await listAudit(db, { filter: {}, limit: 100 }, everywhere)).items
})

const cases: [string, AuditFilter, (entry: AuditEventView) => boolean][] = [
  ['a person', { actorId: dana.id! }, ({ actor }) => actor.id === dana.id],
  ['a key', { actorId: shop.id! }, ({ actor }) => actor.id === shop.id],
  ['an act', { action: 'job.delete' }, ({ action }) => action === 'job.delete'],
  ['a kind of object', { targetType: 'job' }, ({ targetType }) => targetType === 'job'],
  ['an object', { targetType: 'job', targetId: 'job3' }, ({ targetId }) => targetId === 'job3'],
  ['a key and an act', { actorId: shop.id!, action: 'job.delete' }, ({ actor }) => actor.id === shop.id],
  ['an act on a kind that it is never done to', { action: 'job.delete', targetType: 'jobType' }, () => false],
  ['what belongs to no organization', { organizationId: null }, ({ organizationId }) => organizationId === null],
]

describe.each<[string, Scope, (entry: AuditEventView) => boolean]>([
  ['one organization', { organizationIds: [acme] }, ({ organizationId }) => organizationId === acme],
  ['two organizations', both, ({ organizationId }) => organizationId !== null],
  ['everything', everywhere, () => true],
  ['no organization', { organizationIds: [] }, () => false],
])('the audit of %s', (_, scope, mine) => {
  test.each(cases)('the audit is filtered by %s, page by page, newest first', async (_, filter, holds) => {
    const found: string[] = []
    let cursor: string | undefined
    do {
      const page = await listAudit(db, { filter, cursor, limit: 2 }, scope)
      found.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor ?? undefined
    } while (cursor)
    // Only system admins see what belongs to no organization, and their scope is everything.
    expect(found).toEqual(all.filter((entry) => mine(entry) && holds(entry)).map(({ id }) => id))
  })
})

it('a filter by an organization outside the scope finds nothing', async () => {
  const page = await listAudit(db, { filter: { organizationId: globex }, limit: 10 }, { organizationIds: [acme] })
  expect(page.items).toEqual([])
})

it('one entry is found within its scope alone', async () => {
  const entry = all.find(({ organizationId }) => organizationId === globex)!
  expect(await getAudit(db, entry.id, both)).toEqual(entry)
  expect((await refusal(getAudit(db, entry.id, { organizationIds: [acme] }))).reason).toBe('NOT_FOUND')
  const ofPlatform = all.find(({ organizationId }) => organizationId === null)!
  expect(await getAudit(db, ofPlatform.id, everywhere)).toEqual(ofPlatform)
  expect((await refusal(getAudit(db, ofPlatform.id, both))).reason).toBe('NOT_FOUND')
})

it('an entry says who did what in a sentence, with the names of the person and the organization', () => {
  const entry = all.find(({ actor, organizationId }) => actor.id === dana.id && organizationId === acme)
  expect(entry).toMatchObject({ organizationName: 'Acme', sentence: 'Dana paused Acme' })
})

it('whoever did something is listed once, by the name of the last time, and Jobyard itself is not', async () => {
  expect(await listAuditActors(db, acme)).toEqual([dana, shop])
  expect(await listAuditActors(db, globex)).toEqual([dana])
  expect(await listAuditActors(db, null)).toEqual([dana])
  expect(await listAuditActors(db, uuidv7())).toEqual([])
})

it('every filter of one organization is answered by an index of it that has the filter and the order of time', async () => {
  const organizationId = uuidv7()
  await db.organization.create({ data: { id: organizationId, name: 'Large', slug: 'large' } })
  const [people, kinds] = [
    [dana.id!, shop.id!, uuidv7(), uuidv7()],
    ['job', 'organization', 'apiKey'],
  ]
  await db.$executeRaw`
    INSERT INTO audit_events (id, organization_id, actor_type, actor_id, actor_name, action, target_type, target_id)
    SELECT gen_random_uuid(), ${organizationId}::uuid, 'USER', (${people}::uuid[])[1 + n % 4], 'Somebody', 'act' || n % 5, (${kinds}::text[])[1 + n % 3], 'target' || n % 500
    FROM generate_series(1, 20000) n`
  await db.$executeRaw`ANALYZE audit_events`
  const expected: [AuditFilter, string[]][] = [
    [{}, []],
    [{ actorId: dana.id! }, ['actor_id']],
    [{ action: 'act3' }, ['action']],
    [{ targetType: 'job' }, ['target_type']],
    [{ targetType: 'job', targetId: 'target3' }, ['target_type', 'target_id']],
    [{ action: 'act3', targetType: 'job' }, ['action', 'target_type']],
  ]
  const plans = await plansOf(db, async (tx) => {
    for (const [filter] of expected)
      await listAudit(tx, { filter: { organizationId, ...filter }, limit: 50 }, everywhere)
  })
  for (const [at, [filter, columns]] of expected.entries()) {
    const condition = /Index Cond: (.*)/.exec(plans[at]!.slice(plans[at]!.indexOf('on audit_events')))?.[1]
    for (const column of ['organization_id', ...columns])
      expect(condition, `${JSON.stringify(filter)}\n${plans[at]}`).toContain(column)
    expect(plans[at]).not.toMatch(/Bitmap/)
  }
})
