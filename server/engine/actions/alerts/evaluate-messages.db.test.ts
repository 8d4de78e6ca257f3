import { afterEach, beforeAll, expect, test } from 'vitest'
import { alertTools, HOOK, makeDeliveryType, makeRule, messagesOf } from '@/testing/alerts'
import { openWorld, tester } from '@/testing/engine'
import { alertHistory, pruneAlerts, testAlertRule, updateAlertRule } from '../../index'
import { DELIVERING } from '../../domain/alerts/delivering'

// When the messages of alert rules are sent, to whom, and what they name.

const { db, world } = await openWorld()
const { state, titles, look, openCircuit, closeCircuits, clear } = alertTools(world)
beforeAll(() => makeDeliveryType(world))
afterEach(clear)

/** The time of day in UTC, so many minutes from now: '13:05'. */
const clock = (plus: number) => new Date(Date.now() + plus * 60_000).toISOString().slice(11, 16)

test('the message of an alert waits until the quiet hours of its rule are over', async () => {
  const id = await makeRule(world, { quietHours: { from: clock(-60), to: clock(60) } })
  await openCircuit()
  await look()
  expect(await titles(id)).toEqual([])
  expect(await state(id)).toMatchObject({ state: 'QUIET', firingCount: 1 })
  await updateAlertRule(db, {
    ruleId: id,
    changes: { quietHours: { from: clock(60), to: clock(120) } },
    actor: tester,
    address: null,
  })
  await look()
  expect(await titles(id)).toHaveLength(1)
})

test('an alert that begins and ends within quiet hours sends no message, and stands in the history', async () => {
  const id = await makeRule(world, { quietHours: { from: clock(-60), to: clock(60) } })
  await openCircuit()
  await look()
  await closeCircuits()
  await look()
  await look()
  await updateAlertRule(db, { ruleId: id, changes: { quietHours: null }, actor: tester, address: null })
  await look()
  expect(await titles(id)).toEqual([])
  expect((await alertHistory(db, { ruleId: id, limit: 10 })).items).toMatchObject([
    { toldAt: null, closedAt: expect.any(Date) as Date },
  ])
})

test('the quiet hours of a rule follow the time zone of its organization', async () => {
  const zone = 'Pacific/Kiritimati'
  await db.organization.update({ where: { id: world.organizationId }, data: { timeZone: zone } })
  // It is 14 hours ahead of UTC.
  const there = (plus: number) => new Date(Date.now() + (14 * 60 + plus) * 60_000).toISOString().slice(11, 16)
  const id = await makeRule(world, { quietHours: { from: there(-60), to: there(60) } })
  const awake = await makeRule(world, { quietHours: { from: clock(-60), to: clock(60) } })
  await openCircuit()
  await look()
  expect(await titles(id)).toEqual([])
  expect(await titles(awake)).toHaveLength(1)
  await db.organization.update({ where: { id: world.organizationId }, data: { timeZone: 'UTC' } })
})

test('ten leaders that look at the same time send one message', async () => {
  const rules = await Promise.all(Array.from({ length: 6 }, () => makeRule(world)))
  for (let round = 0; round < 5; round++) {
    await openCircuit(world.organizationId, `type-${round}`)
    await Promise.all(Array.from({ length: 10 }, look))
    for (const id of rules) expect(await titles(id)).toHaveLength(round + 1)
  }
})

test('a message about 25 alerts names 20 and counts the others', async () => {
  const id = await makeRule(world)
  for (let n = 0; n < 25; n++) await openCircuit(world.organizationId, `type-${n}`)
  await look()
  const [message] = await messagesOf(world, id)
  expect(message).toMatchObject({ title: expect.stringMatching(/^25 firing: /) as string, more: 5 })
  expect(message!.alerts).toHaveLength(20)
})

test('a rule that is switched off ends its alerts and sends no message about it', async () => {
  const id = await makeRule(world)
  await openCircuit()
  await look()
  await updateAlertRule(db, { ruleId: id, changes: { enabled: false }, actor: tester, address: null })
  await look()
  expect(await state(id)).toMatchObject({ state: 'OFF', firingCount: 0 })
  expect(await titles(id)).toHaveLength(1)
})

test.each([
  [
    'the job type of messages is disabled',
    (on: boolean) => db.$executeRaw`UPDATE job_types SET enabled = ${on} WHERE name = 'alert.deliver'`,
  ],
  [
    'the organization of messages is suspended',
    (on: boolean) =>
      db.organization.updateMany({
        where: { slug: DELIVERING.slug },
        data: { status: on ? 'ACTIVE' : 'SUSPENDED' },
      }),
  ],
])('an alert whose message cannot be submitted, because %s, is told afterwards', async (_, put) => {
  const id = await makeRule(world)
  // The first message makes the organization that sends them, which one of the two cases suspends.
  await testAlertRule(db, { ruleId: id, actor: tester, address: null })
  await openCircuit()
  await put(false)
  try {
    expect((await look()).failures).toMatchObject([{ during: 'messages' }])
    expect(await state(id)).toMatchObject({ firingCount: 1 })
    expect(await titles(id)).toHaveLength(1)
    await testAlertRule(db, { ruleId: id, actor: tester, address: null })
    expect((await state(id)).lastDelivery).toMatchObject({ state: 'FAILED', error: expect.any(String) as string })
  } finally {
    await put(true)
  }
  await look()
  expect((await titles(id)).at(-1)).toMatch(/^Firing: /)
})

test('a rate limit on messages loses none: those above it are sent when it lets them in', async () => {
  const rules = [await makeRule(world), await makeRule(world)]
  const sent = async () => (await Promise.all(rules.map(titles))).map(({ length }) => length)
  const limit = (count: number | null) =>
    db.jobType.update({
      where: { name: 'alert.deliver' },
      data: { rateLimitCount: count, rateLimitWindowSeconds: count && 3_600 },
    })
  await db.$executeRaw`DELETE FROM rate_admissions`
  await limit(1)
  try {
    await openCircuit()
    expect((await look()).failures).toMatchObject([{ during: 'messages', error: { reason: 'RATE_LIMITED' } }])
    expect((await sent()).sort()).toEqual([0, 1])
    await look()
    expect((await sent()).sort()).toEqual([0, 1])
    await limit(2)
    expect((await look()).failures).toEqual([])
    expect(await sent()).toEqual([1, 1])
  } finally {
    await limit(null)
  }
})

test('a rule with more targets than a rate limit lets in tells some of them, and says why the others were not told', async () => {
  const id = await makeRule(world, { targets: [HOOK, { ...HOOK, url: `${HOOK.url}/2` }] })
  const limits = { rateLimitCount: 1, rateLimitWindowSeconds: 3_600 }
  await db.$executeRaw`DELETE FROM rate_admissions`
  await db.jobType.update({ where: { name: 'alert.deliver' }, data: limits })
  try {
    await openCircuit()
    await look()
    expect((await messagesOf(world, id)).map(({ jobId, error }) => [jobId !== null, error])).toEqual([
      [true, null],
      [false, expect.any(String) as string],
    ])
  } finally {
    await db.jobType.update({
      where: { name: 'alert.deliver' },
      data: { rateLimitCount: null, rateLimitWindowSeconds: null },
    })
  }
})

test('alerts and messages are deleted after 90 days', async () => {
  const id = await makeRule(world)
  await openCircuit()
  await look()
  await db.$executeRaw`UPDATE alerts SET closed_at = clock_timestamp() - interval '91 days'`
  await db.$executeRaw`UPDATE alert_deliveries SET created_at = clock_timestamp() - interval '91 days'`
  expect(await pruneAlerts(db)).toBe(2)
  expect((await alertHistory(db, { ruleId: id, limit: 10 })).items).toEqual([])
})
