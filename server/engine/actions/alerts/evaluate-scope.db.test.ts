import { v7 as uuidv7 } from 'uuid'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { alertTools, makeDeliveryType, makeRule, messagesOf } from '@/testing/alerts'
import { clearJobs, ends, finish, openWorld, running, tester } from '@/testing/engine'
import { testAlertRule } from '../../index'
import { DELIVERING } from '../../domain/alerts/delivering'

// Which organizations an alert rule looks at, and what becomes of its alerts while one of them is suspended.

const { db, world } = await openWorld()
const { state, look, openCircuit, clear } = alertTools(world)
beforeAll(() => makeDeliveryType(world))
afterEach(clear)

test('a rule of an organization tells of that one alone, and a rule of the platform of all, by name', async () => {
  const own = await makeRule(world)
  const foreign = await makeRule(world, {}, world.otherOrganizationId)
  const platform = await makeRule(world, {}, null)
  await openCircuit(world.otherOrganizationId)
  await look()
  expect([await state(own), await state(foreign), await state(platform)].map(({ firingCount }) => firingCount)).toEqual(
    [0, 1, 1],
  )
  await openCircuit()
  await look()
  expect((await messagesOf(world, platform)).flatMap(({ alerts }) => alerts)).toMatchObject([
    { organization: 'Globex', label: 'plain' },
    { organization: 'Acme', label: 'plain' },
  ])
})

test('a message is sent although the organization that it is about is paused and at its limit', async () => {
  await db.$executeRaw`INSERT INTO pauses (scope, target, reason, paused_by, paused_at) VALUES ('ORGANIZATION', ${world.organizationId}, 'x', '{}', clock_timestamp())`
  await db.organization.update({ where: { id: world.organizationId }, data: { maxUnfinished: 0 } })
  const id = await makeRule(world)
  await openCircuit()
  await look()
  const [message] = await messagesOf(world, id)
  const job = await db.job.findUniqueOrThrow({ where: { id: message!.jobId! } })
  const { slug } = await db.organization.findUniqueOrThrow({ where: { id: job.organizationId } })
  expect(slug).toBe(DELIVERING.slug)
  await db.organization.update({ where: { id: world.organizationId }, data: { maxUnfinished: 100_000 } })
})

test('an older organization that has the short name of the one for messages does not get them', async () => {
  const older = [DELIVERING.slug, `${DELIVERING.slug}-2`]
  for (const slug of older)
    await db.organization.upsert({
      where: { slug },
      update: { deliversAlerts: false },
      create: { id: uuidv7(), slug, name: `Ours: ${slug}` },
    })
  const id = await makeRule(world)
  await openCircuit()
  await look()
  const [message] = await messagesOf(world, id)
  const job = await db.job.findUniqueOrThrow({ where: { id: message!.jobId! }, include: { organization: true } })
  expect(job.organization).toMatchObject({ slug: 'alert-messages-3', deliversAlerts: true })
  await testAlertRule(db, { ruleId: id, actor: tester, address: null })
  expect(await db.organization.count({ where: { deliversAlerts: true } })).toBe(1)
  await clearJobs(db)
  await db.organization.deleteMany({ where: { slug: { in: [...older, 'alert-messages-3'] } } })
})

/** Looks while the organization is suspended, which must find nothing, and again when it is resumed. */
async function expectOnlyOnceResumed(ruleId: string) {
  for (const [status, firingCount] of [
    ['SUSPENDED', 0],
    ['ACTIVE', 1],
  ] as const) {
    await db.organization.update({ where: { id: world.organizationId }, data: { status } })
    await look()
    expect(await state(ruleId)).toMatchObject({ firingCount })
  }
}

test('a rule of a suspended organization looks again when it is resumed', async () => {
  const id = await makeRule(world)
  await openCircuit()
  await expectOnlyOnceResumed(id)
})

test('an alert of a suspended organization stays open, and a cause from the time of the suspension is found afterwards', async () => {
  const circuits = await makeRule(world, {}, null)
  const causes = await makeRule(world, { condition: { kind: 'NEW_CAUSE' } })
  const before = await running(world)
  await openCircuit()
  await look()
  await db.organization.update({ where: { id: world.organizationId }, data: { status: 'SUSPENDED' } })
  await finish(world, ends.dead(before))
  // A look at an active rule would move this time on to its own.
  await db.$executeRaw`UPDATE alert_rules SET seen_until = clock_timestamp() - interval '1 hour' WHERE id = ${causes}::uuid`
  const seenUntil = async () =>
    (await db.$queryRaw<{ at: Date }[]>`SELECT seen_until AS at FROM alert_rules WHERE id = ${causes}::uuid`)[0]!.at
  const seen = await seenUntil()
  for (let n = 0; n < 3; n++) await look()
  expect(await state(circuits)).toMatchObject({ firingCount: 1 })
  expect(await seenUntil()).toEqual(seen)
  await db.organization.update({ where: { id: world.organizationId }, data: { status: 'ACTIVE' } })
  await look()
  expect(await state(causes)).toMatchObject({ firingCount: 1 })
})

test('a rule of the platform for stuck jobs finds none in a suspended organization until it is resumed', async () => {
  const id = await makeRule(world, { condition: { kind: 'JOB_STUCK' } }, null)
  const silent = await running(world)
  await db.$executeRaw`UPDATE jobs SET started_at = clock_timestamp() - interval '2 hours' WHERE id = ${silent.jobId}::uuid`
  await expectOnlyOnceResumed(id)
})

test('an alert stays open while its rule finds more than it can name', async () => {
  const id = await makeRule(world, {}, null)
  await openCircuit(world.organizationId, 'zzz')
  await look()
  for (let n = 0; n < 120; n++) await openCircuit(world.organizationId, `type-${n}`)
  // PostgreSQL reads the newest row last. So zzz comes after the 100 findings that a rule names at most.
  await db.$executeRaw`DELETE FROM circuits WHERE job_type = 'zzz'`
  await openCircuit(world.organizationId, 'zzz')
  for (let n = 0; n < 3; n++) await look()
  const open = await db.$queryRaw<
    { label: string }[]
  >`SELECT label FROM alerts WHERE rule_id = ${id}::uuid AND closed_at IS NULL`
  expect(open.map(({ label }) => label)).toContain('zzz')
  expect(open).toHaveLength(100)
})
