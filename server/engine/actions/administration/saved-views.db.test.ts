import { v7 as uuidv7 } from 'uuid'
import { afterEach, describe, expect, test } from 'vitest'
import { openWorld, refusal } from '@/testing/engine'
import {
  createSavedView,
  deleteSavedView,
  findSavedView,
  listSavedViews,
  removeMember,
  updateSavedView,
  type Actor,
} from '../../index'
import { plansOf } from '../../store/reads/plans.fixture'

const { db, world } = await openWorld({ max: 12 })
const { organizationId, otherOrganizationId } = world
const here = { organizationIds: [organizationId] }

/** A member of both organizations. */
async function member(name: string, role: 'VIEWER' | 'ADMIN' = 'VIEWER'): Promise<Actor & { id: string }> {
  const [id, personId] = [uuidv7(), uuidv7()]
  await db.user.create({ data: { id, email: `${id}@example.com` } })
  await db.person.create({ data: { id: personId, userId: id, name } })
  for (const organization of [organizationId, otherOrganizationId])
    await db.orgMember.create({ data: { organizationId: organization, personId, role } })
  return { type: 'user', id, name }
}
const ada = await member('Ada')
const bob = await member('Bob')
const root = await member('Root', 'ADMIN')
const query = { filter: { status: ['DEAD_LETTER'] }, columns: ['title', 'age'] }
const create = (actor: Actor, name: string, more: object = {}) =>
  createSavedView(db, { organizationId, view: { name, query, ...more }, actor })
const names = async ({ id }: { id: string }, scope = here) =>
  (await listSavedViews(db, { userId: id, limit: 100 }, scope)).items.map(({ name }) => name)

afterEach(() => db.$executeRaw`DELETE FROM saved_views`)

describe('a saved view', () => {
  test('a saved view is given back as it was written, to its maker alone', async () => {
    const view = await create(ada, '  Dead   payouts ')
    expect(view).toMatchObject({ name: 'Dead payouts', query, shared: false, createdBy: ada, organizationId })
    expect(JSON.stringify(view.query)).toBe(JSON.stringify(query))
    expect([await names(ada), await names(bob), await names(root)]).toEqual([['Dead payouts'], [], []])
    expect(await findSavedView(db, { viewId: view.id, userId: bob.id }, here)).toBeNull()
  })

  test('a saved view that is shared is seen by the members of its organization and by nobody else', async () => {
    const { id } = await create(ada, 'All', { shared: true })
    expect(await names(bob)).toEqual(['All'])
    expect(await names(bob, { organizationIds: [otherOrganizationId] })).toEqual([])
    await updateSavedView(db, { viewId: id, changes: { shared: false }, actor: ada })
    expect(await names(bob)).toEqual([])
  })

  test('a person cannot give two saved views of one organization the same name, but can use it in another one, and so can other people', async () => {
    const view = await create(ada, 'Mine')
    expect((await refusal(create(ada, ' Mine'))).data.fields?.[0]).toMatchObject({ path: 'name' })
    await create(bob, 'Mine', { shared: true })
    await createSavedView(db, { organizationId: otherOrganizationId, view: { name: 'Mine', query }, actor: ada })
    const other = await create(ada, 'Other')
    const renamed = updateSavedView(db, { viewId: other.id, changes: { name: 'Mine' }, actor: ada })
    expect((await refusal(renamed)).data.fields?.[0]).toMatchObject({ path: 'changes.name' })
    const changes = { name: 'Mine', query: { filter: {} } }
    expect(await updateSavedView(db, { viewId: view.id, changes, actor: ada })).toMatchObject(changes)
  })

  test.each([
    ['empty', ' '],
    ['too long', 'x'.repeat(81)],
    ['one with a control character', 'a\u0007b'],
    ['one with a bidirectional character', 'a\u202eb'],
  ])('a saved view is refused when its name is %s', async (_, name) => {
    const refused = await refusal(create(ada, name))
    expect([refused.reason, refused.data.fields?.[0]?.path]).toEqual(['INVALID_INPUT', 'name'])
  })

  test('a saved view above 16 KiB is refused', async () => {
    const refused = await refusal(create(ada, 'Large', { query: { ids: 'x'.repeat(16_384) } }))
    expect([refused.reason, refused.data.fields?.[0]?.path]).toEqual(['INVALID_INPUT', 'query'])
  })

  test('a person may have 100 saved views in an organization and no more, even when many are made at once', async () => {
    const made = await Promise.allSettled(Array.from({ length: 110 }, (_, n) => create(ada, `View ${n}`)))
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(100)
    expect(await names(ada)).toHaveLength(100)
    await create(bob, 'View 1')
    await createSavedView(db, { organizationId: otherOrganizationId, view: { name: 'More', query }, actor: ada })
  })

  test('a key can neither make nor change nor delete a saved view, because views belong to people', async () => {
    const view = await create(ada, 'Shared', { shared: true })
    const key: Actor = { type: 'key', id: uuidv7(), name: 'CI' }
    expect((await refusal(create(key, 'Mine'))).reason).toBe('NOT_PERMITTED')
    const change = updateSavedView(db, { viewId: view.id, changes: { shared: false }, actor: key })
    expect((await refusal(change)).reason).toBe('NOT_PERMITTED')
    expect((await refusal(deleteSavedView(db, { viewId: view.id, actor: key, address: null }))).reason).toBe(
      'NOT_PERMITTED',
    )
  })

  test('only the maker of a saved view changes it: others are refused, and are not told of views that they may not see', async () => {
    const [shared, own] = [await create(ada, 'Shared', { shared: true }), await create(ada, 'Own')]
    const change = (viewId: string) => updateSavedView(db, { viewId, changes: { name: 'New' }, actor: root })
    expect((await refusal(change(shared.id))).reason).toBe('NOT_PERMITTED')
    expect((await refusal(change(own.id))).reason).toBe('NOT_FOUND')
    expect((await refusal(deleteSavedView(db, { viewId: own.id, actor: root, address: null }))).reason).toBe(
      'NOT_FOUND',
    )
    expect((await names(ada)).sort()).toEqual(['Own', 'Shared'])
  })

  test('a saved view leaves a trace in the audit where somebody else deletes it, and none where its maker does', async () => {
    const [one, two] = [await create(ada, 'One', { shared: true }), await create(ada, 'Two', { shared: true })]
    await deleteSavedView(db, { viewId: one.id, actor: ada, address: null })
    await deleteSavedView(db, { viewId: two.id, actor: root, address: null, reason: 'Out of date' })
    const events = await db.auditEvent.findMany({ where: { action: 'savedView.delete' } })
    expect(events).toMatchObject([
      { targetId: two.id, actorName: 'Root', reason: 'Out of date', before: { name: 'Two', query, createdBy: ada } },
    ])
    expect(await names(ada)).toEqual([])
  })

  test('a saved view goes with a member who is removed, unless it is shared', async () => {
    const leaver = await member('Leaver')
    await create(leaver, 'Own')
    await create(leaver, 'Shared', { shared: true })
    await createSavedView(db, { organizationId: otherOrganizationId, view: { name: 'There', query }, actor: leaver })
    const { id: memberId } = await db.person.findUniqueOrThrow({ where: { userId: leaver.id } })
    await removeMember(db, { organizationId, memberId, actor: root, address: null })
    expect(await db.savedView.findMany({ orderBy: { name: 'asc' }, select: { name: true } })).toEqual([
      { name: 'Shared' },
      { name: 'There' },
    ])
    expect(await names(bob)).toEqual(['Shared'])
  })
})

test('saved views are read by indexes, page by page, newest first', async () => {
  for (let n = 0; n < 7; n++) await create(n % 2 ? ada : bob, `View ${n}`, { shared: true })
  const seen: string[] = []
  const plans = await plansOf(db, async (tx) => {
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const page = await listSavedViews(tx, { userId: ada.id, cursor, limit: 3 }, here)
      seen.push(...page.items.map(({ name }) => name))
      cursor = page.nextCursor ?? undefined
    }
  })
  expect(seen).toEqual([6, 5, 4, 3, 2, 1, 0].map((n) => `View ${n}`))
  expect(plans).toHaveLength(3)
  for (const plan of plans) expect(plan).not.toContain('Seq Scan on saved_views')
})
