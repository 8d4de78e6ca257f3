import { v7 as uuidv7 } from 'uuid'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { lookNow, makeDeliveryType, makeRule, messagesOf } from '@/testing/alerts'
import { clearJobs, ends, finish, openWorld, running, submit, tester } from '@/testing/engine'
import { makeSchedule } from '@/testing/schedules'
import {
  alertHistory,
  listAlertRules,
  pruneAlerts,
  retryJob,
  rollUp,
  testAlertRule,
  updateAlertRule,
} from '../../index'
import { DELIVERING } from '../../domain/alerts/delivering'

const { db, world } = await openWorld()
beforeAll(() => makeDeliveryType(world))
afterEach(async () => {
  await db.$executeRaw`DELETE FROM alert_rules`
  await db.$executeRaw`DELETE FROM schedules`
  await db.$executeRaw`DELETE FROM metric_rollups`
  await db.$executeRaw`DELETE FROM rollup_progress`
  await clearJobs(db)
  await db.$executeRaw`DELETE FROM workers`
})

const all = { organizationIds: 'all', platform: true } as const
const state = async (id: string) =>
  (await listAlertRules(db, { limit: 100 }, all)).items.find((rule) => rule.id === id)!
const titles = async (id: string) => (await messagesOf(world, id)).map(({ title }) => title)
const look = () => lookNow(world)
const openCircuit = (organizationId = world.organizationId, jobType = 'plain') =>
  db.$executeRaw`
    INSERT INTO circuits (job_type, organization_id, state, failures, outcomes, opened_at, counts_from)
    VALUES (${jobType}, ${organizationId}::uuid, 'OPEN', 8, 10, clock_timestamp(), '-infinity')`
const closeCircuits = () => db.$executeRaw`UPDATE circuits SET state = 'CLOSED', closed_at = clock_timestamp()`
const die = async () => {
  const claimed = await running(world)
  await finish(world, ends.dead(claimed))
  return claimed.jobId
}

describe('what a rule finds', () => {
  test('an open circuit is told once, and again when it is closed for two looks', async () => {
    const id = await makeRule(world, { name: 'Circuits' })
    await look()
    expect(await state(id)).toMatchObject({ state: 'OK', firingCount: 0, lastDelivery: null })
    await openCircuit()
    await look()
    await look()
    expect(await titles(id)).toEqual(['Firing: Circuits (plain)'])
    expect(await state(id)).toMatchObject({
      state: 'FIRING',
      firing: [{ label: 'plain', text: expect.stringContaining('80 % (8 of 10)') as string }],
      lastDelivery: { state: 'WAITING', target: 'Webhook at alerts.example.com' },
    })
    await closeCircuits()
    await look()
    expect(await titles(id)).toHaveLength(1)
    await look()
    expect(await titles(id)).toEqual(['Firing: Circuits (plain)', 'Recovered: Circuits (plain)'])
    expect(await state(id)).toMatchObject({ state: 'OK' })
    const { items } = await alertHistory(db, { ruleId: id, limit: 10 })
    expect(items).toMatchObject([
      { label: 'plain', toldAt: expect.any(Date) as Date, closedAt: expect.any(Date) as Date },
    ])
  })

  test('a figure that is in order for one look only rings once', async () => {
    const id = await makeRule(world)
    await openCircuit()
    await look()
    await closeCircuits()
    await look()
    await db.$executeRaw`UPDATE circuits SET state = 'OPEN', closed_at = NULL`
    await look()
    await look()
    expect(await titles(id)).toHaveLength(1)
  })

  test('a recovery waits for the end of the message that it follows', async () => {
    const id = await makeRule(world)
    await openCircuit()
    await look()
    await closeCircuits()
    await look()
    await look()
    const [firing, recovered] = await messagesOf(world, id)
    const parents = await db.jobDependency.findMany({ where: { jobId: recovered!.jobId! } })
    expect(parents.map(({ parentId }) => parentId)).toEqual([firing!.jobId])
  })

  test('a cause that dead letters had before the rule is known; a new one fires until no job is dead of it', async () => {
    const old = await die()
    const id = await makeRule(world, { name: 'Causes', condition: { kind: 'NEW_CAUSE' } })
    await db.$executeRaw`UPDATE jobs SET finished_at = finished_at - interval '1 hour' WHERE id = ${old}::uuid`
    await look()
    await die()
    await look()
    expect(await titles(id)).toEqual([])
    const claimed = await running(world)
    const error = {
      message: 'Disk of host h-17 is full',
      class: 'PERMANENT',
      fingerprint: 'full',
      stack: null,
    } as const
    await finish(world, { ...ends.dead(claimed), error } as never)
    await look()
    await look()
    expect(await messagesOf(world, id)).toMatchObject([
      { title: 'Firing: Causes (plain)', alerts: [{ text: expect.stringContaining('is full') as string }] },
    ])
    await retryJob(db, { jobId: claimed.jobId, actor: tester })
    await look()
    await look()
    expect((await titles(id)).at(-1)).toBe('Recovered: Causes (plain)')
  })

  /** Copies a dead letter so often, each with a cause of its own or all with that of the first. */
  const copy = (jobId: string, { times, causes, ago }: { times: number; causes: boolean; ago: string }) =>
    db.$executeRaw`
      INSERT INTO jobs SELECT (jsonb_populate_record(j, jsonb_build_object('id', gen_random_uuid(),
        'error_fingerprint', CASE WHEN ${causes} THEN 'cause ' || n ELSE j.error_fingerprint END,
        'finished_at', clock_timestamp() - ${ago}::interval))).*
      FROM jobs j CROSS JOIN generate_series(1, ${times}::int) n WHERE j.id = ${jobId}::uuid`
  const dieOf = async (fingerprint: string) => {
    const claimed = await running(world)
    const error = { message: `Died of ${fingerprint}`, class: 'PERMANENT', fingerprint, stack: null } as const
    await finish(world, { ...ends.dead(claimed), error } as never)
    return claimed.jobId
  }

  test('a new cause is found behind 700 causes that are known', async () => {
    const id = await makeRule(world, { condition: { kind: 'NEW_CAUSE' } })
    const old = await dieOf('a')
    await db.$executeRaw`UPDATE jobs SET finished_at = finished_at - interval '1 hour' WHERE id = ${old}::uuid`
    await copy(old, { times: 700, causes: true, ago: '1 hour' })
    await dieOf('zzz')
    await look()
    expect((await state(id)).firing).toMatchObject([{ text: expect.stringContaining('Died of zzz') as string }])
  })

  test('a new cause is found among 5,100 later dead letters of a cause that is known', async () => {
    const id = await makeRule(world, { condition: { kind: 'NEW_CAUSE' } })
    const old = await dieOf('a')
    await db.$executeRaw`UPDATE jobs SET finished_at = finished_at - interval '1 hour' WHERE id = ${old}::uuid`
    await dieOf('zzz')
    await copy(old, { times: 5_100, causes: false, ago: '0' })
    await look()
    expect((await state(id)).firing).toMatchObject([{ text: expect.stringContaining('Died of zzz') as string }])
  })

  test('the failure rate of a type counts sums and the attempts that have none yet', async () => {
    const condition = { kind: 'FAILURE_RATE', percent: 40, minutes: 60, atLeast: 4 } as const
    const id = await makeRule(world, { condition })
    for (let n = 0; n < 3; n++) await finish(world, ends.fail(await running(world)))
    await look()
    expect(await state(id)).toMatchObject({ firingCount: 0 })
    await finish(world, ends.complete(await running(world)))
    await look()
    expect(await state(id)).toMatchObject({
      firing: [{ text: '75 % (3 of 4) of the attempts of plain failed within 60 min.' }],
    })
    await db.$executeRaw`UPDATE job_attempts SET ended_at = ended_at - interval '20 minutes', started_at = started_at - interval '20 minutes'`
    await db.$executeRaw`UPDATE job_inputs SET created_at = created_at - interval '20 minutes'`
    await rollUp(db, { patienceMs: 60_000 })
    expect((await db.metricRollup.findMany({ where: { jobType: 'plain', failed: 3 } })).length).toBeGreaterThan(0)
    await finish(world, ends.fail(await running(world)))
    await look()
    expect(await state(id)).toMatchObject({
      firing: [{ text: '80 % (4 of 5) of the attempts of plain failed within 60 min.' }],
    })
  })

  test('a message that is cut in the middle of an emoji does not keep the look from any rule', async () => {
    const causes = await makeRule(world, { condition: { kind: 'NEW_CAUSE' } })
    const claimed = await running(world)
    const error = {
      message: 'x '.repeat(249) + 'y😀 and more words',
      class: 'PERMANENT',
      fingerprint: 'emoji',
      stack: null,
    } as const
    await finish(world, { ...ends.dead(claimed), error } as never)
    expect((await look()).failures).toEqual([])
    expect(await state(causes)).toMatchObject({ firing: [{ text: expect.stringContaining('x y\uFFFD') as string }] })
  })

  test('a kind of rule whose look fails holds up no other kind, and sees later what it has missed', async () => {
    const [causes, circuits] = [await makeRule(world, { condition: { kind: 'NEW_CAUSE' } }), await makeRule(world)]
    await die()
    await openCircuit()
    await db.$executeRaw`ALTER TABLE ignored_causes RENAME TO ignored_causes_away`
    const { failures } = await look().finally(
      () => db.$executeRaw`ALTER TABLE ignored_causes_away RENAME TO ignored_causes`,
    )
    expect(failures.map(({ during }) => during)).toEqual(['NEW_CAUSE'])
    expect([await state(causes), await state(circuits)].map(({ firingCount }) => firingCount)).toEqual([0, 1])
    await look()
    expect(await state(causes)).toMatchObject({ firingCount: 1 })
  })

  test('a failure rate over five minutes still counts attempts that have just been summed', async () => {
    const id = await makeRule(world, {
      condition: { kind: 'FAILURE_RATE', percent: 40, minutes: 5, atLeast: 2 },
    })
    // A slice that began six minutes ago reaches into the last five.
    await db.$executeRaw`
      INSERT INTO metric_rollups (organization_id, job_type, span_seconds, at, submitted, completed, failed, wait_seconds, run_seconds, buckets, counts)
      VALUES (${world.organizationId}::uuid, 'plain', 300, clock_timestamp() - interval '6 minutes', 4, 1, 3, 0, 0, '{}', '{}')`
    await db.$executeRaw`INSERT INTO rollup_progress (until) VALUES (clock_timestamp() - interval '1 minute')`
    await look()
    expect(await state(id)).toMatchObject({ firing: [{ text: expect.stringContaining('75 % (3 of 4)') as string }] })
  })

  test('a cause of another job type does not fire a rule that names one, and an open alert lasts however old its cause becomes', async () => {
    const condition = { kind: 'NEW_CAUSE' } as const
    const every = await makeRule(world, { condition })
    const own = await makeRule(world, { condition: { ...condition, jobType: 'plain' } })
    const other = await makeRule(world, { condition: { ...condition, jobType: 'another' } })
    const counts = async () =>
      [await state(every), await state(own), await state(other)].map((rule) => rule.firingCount)
    const jobId = await die()
    await look()
    expect(await counts()).toEqual([1, 1, 0])
    await db.$executeRaw`UPDATE jobs SET finished_at = finished_at - interval '1 day' WHERE id = ${jobId}::uuid`
    for (let n = 0; n < 3; n++) await look()
    expect(await counts()).toEqual([1, 1, 0])
  })

  test('a job that could have started too long ago fires, and one that is for later does not', async () => {
    const id = await makeRule(world, { condition: { kind: 'OLDEST_WAITING', seconds: 60 } })
    await submit(world, { runAt: new Date(Date.now() + 3_600_000) })
    const { id: jobId } = await submit(world, { priority: 'HIGH' })
    await look()
    expect(await state(id)).toMatchObject({ firingCount: 0 })
    await db.$executeRaw`UPDATE jobs SET rank_at = rank_at - interval '2 minutes' WHERE id = ${jobId}::uuid`
    await look()
    expect(await state(id)).toMatchObject({
      firing: [{ label: 'plain', text: 'A job of plain has waited for 2 min.' }],
    })
  })

  test('a pool without a worker fires', async () => {
    const id = await makeRule(world, { condition: { kind: 'NO_WORKER' } })
    const started = { id: uuidv7(), host: 'h', pid: 1, isolatedSlots: 1, inlineSlots: 1 }
    await db.$executeRaw`
      INSERT INTO workers (id, host, pid, isolated_slots, inline_slots, last_seen_at) VALUES (${started.id}::uuid, 'h', 1, 1, 1, clock_timestamp())`
    await db.$executeRaw`UPDATE workers SET pools = NULL`
    await look()
    expect(await state(id)).toMatchObject({ firingCount: 0 })
    await db.$executeRaw`UPDATE workers SET last_seen_at = clock_timestamp() - interval '1 minute'`
    await look()
    expect(await state(id)).toMatchObject({ firing: [{ label: 'pool default' }] })
  })

  test('a schedule whose last run was not submitted fires until a run is; a skip by its own rule does not', async () => {
    const id = await makeRule(world, { condition: { kind: 'SCHEDULE_MISSED' } })
    const scheduleId = await makeSchedule(world, { name: 'Nightly' })
    const write = (at: string, skipped: string | null) =>
      db.$executeRaw`
        INSERT INTO schedule_runs (schedule_id, planned_at, organization_id, decided_at, job_id, skipped)
        VALUES (${scheduleId}::uuid, ${new Date(at)}, ${world.organizationId}::uuid, clock_timestamp(), ${skipped ? null : uuidv7()}::uuid, ${skipped})`
    await write('2026-01-01T00:00:00Z', 'OVERLAP')
    await look()
    expect(await state(id)).toMatchObject({ firingCount: 0 })
    await write('2026-01-02T00:00:00Z', 'RATE_LIMITED')
    await look()
    expect(await state(id)).toMatchObject({
      firing: [{ label: 'Nightly', text: expect.stringContaining('RATE_LIMITED') as string }],
    })
    await write('2026-01-03T00:00:00Z', null)
    await look()
    await look()
    expect(await state(id)).toMatchObject({ state: 'OK' })
    await db.$executeRaw`UPDATE schedules SET due_at = clock_timestamp() - interval '10 minutes', next_run_at = clock_timestamp() - interval '10 minutes'`
    await look()
    expect(await state(id)).toMatchObject({ firing: [{ text: expect.stringContaining('is late') as string }] })
  })

  test('a job that runs and says nothing fires', async () => {
    const id = await makeRule(world, { condition: { kind: 'JOB_STUCK' } })
    const { jobId } = await running(world)
    await look()
    expect(await state(id)).toMatchObject({ firingCount: 0 })
    await db.$executeRaw`UPDATE jobs SET started_at = clock_timestamp() - interval '1 hour' WHERE id = ${jobId}::uuid`
    await look()
    expect(await state(id)).toMatchObject({ firing: [{ path: `/jobs/${jobId}` }] })
  })
})

describe('whose it is', () => {
  test('an organization is told of itself alone, and the platform of everybody, with the name', async () => {
    const own = await makeRule(world)
    const foreign = await makeRule(world, {}, world.otherOrganizationId)
    const platform = await makeRule(world, {}, null)
    await openCircuit(world.otherOrganizationId)
    await look()
    expect(
      [await state(own), await state(foreign), await state(platform)].map(({ firingCount }) => firingCount),
    ).toEqual([0, 1, 1])
    await openCircuit()
    await look()
    expect((await messagesOf(world, platform)).flatMap(({ alerts }) => alerts)).toMatchObject([
      { organization: 'Globex', label: 'plain' },
      { organization: 'Acme', label: 'plain' },
    ])
  })

  test('messages are jobs of an organization of their own, whatever becomes of the one that they are about', async () => {
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

  test('an older organization whose short name begins in the same way does not get the messages', async () => {
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

  test('a rule of a suspended organization looks again when it is resumed', async () => {
    const id = await makeRule(world)
    await openCircuit()
    await db.organization.update({ where: { id: world.organizationId }, data: { status: 'SUSPENDED' } })
    await look()
    expect(await state(id)).toMatchObject({ firingCount: 0 })
    await db.organization.update({ where: { id: world.organizationId }, data: { status: 'ACTIVE' } })
    await look()
    expect(await state(id)).toMatchObject({ firingCount: 1 })
  })

  test('an alert of a suspended organization stays open, and a cause from the time of the suspension is found afterwards', async () => {
    const circuits = await makeRule(world, {}, null)
    const causes = await makeRule(world, { condition: { kind: 'NEW_CAUSE' } })
    const before = await running(world)
    await openCircuit()
    await look()
    await db.organization.update({ where: { id: world.organizationId }, data: { status: 'SUSPENDED' } })
    await finish(world, ends.dead(before))
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

  test('an alert stays open while its rule finds more than it can name', async () => {
    const id = await makeRule(world, {}, null)
    await openCircuit(world.organizationId, 'zzz')
    await look()
    for (let n = 0; n < 120; n++) await openCircuit(world.organizationId, `type-${n}`)
    // The newest row is read last.
    await db.$executeRaw`DELETE FROM circuits WHERE job_type = 'zzz'`
    await openCircuit(world.organizationId, 'zzz')
    for (let n = 0; n < 3; n++) await look()
    const open = await db.$queryRaw<
      { label: string }[]
    >`SELECT label FROM alerts WHERE rule_id = ${id}::uuid AND closed_at IS NULL`
    expect(open.map(({ label }) => label)).toContain('zzz')
    expect(open).toHaveLength(100)
  })
})

describe('when it is told', () => {
  const clock = (plus: number) => new Date(Date.now() + plus * 60_000).toISOString().slice(11, 16)

  test('quiet hours keep a message back, until they are over', async () => {
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

  test('what begins and ends within quiet hours is told to nobody, and stands in the history', async () => {
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

  test('quiet hours follow the time zone of the organization', async () => {
    const zone = 'Pacific/Kiritimati'
    await db.organization.update({ where: { id: world.organizationId }, data: { timeZone: zone } })
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

  test('a message names 20 alerts and counts the others', async () => {
    const id = await makeRule(world)
    for (let n = 0; n < 25; n++) await openCircuit(world.organizationId, `type-${n}`)
    await look()
    const [message] = await messagesOf(world, id)
    expect(message).toMatchObject({ title: expect.stringMatching(/^25 firing: /) as string, more: 5 })
    expect(message!.alerts).toHaveLength(20)
  })

  test('a rule that is switched off ends its alerts and says nothing', async () => {
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
      'its job type is disabled',
      (on: boolean) => db.$executeRaw`UPDATE job_types SET enabled = ${on} WHERE name = 'alert.deliver'`,
    ],
    [
      'the organization that delivers it is suspended',
      (on: boolean) =>
        db.organization.updateMany({
          where: { slug: DELIVERING.slug },
          data: { status: on ? 'ACTIVE' : 'SUSPENDED' },
        }),
    ],
  ])('while %s, nothing is noted as told; afterwards the message is sent', async (_, put) => {
    const id = await makeRule(world)
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

  test('the history is kept for 90 days', async () => {
    const id = await makeRule(world)
    await openCircuit()
    await look()
    await db.$executeRaw`UPDATE alerts SET closed_at = clock_timestamp() - interval '91 days'`
    await db.$executeRaw`UPDATE alert_deliveries SET created_at = clock_timestamp() - interval '91 days'`
    expect(await pruneAlerts(db)).toBe(2)
    expect((await alertHistory(db, { ruleId: id, limit: 10 })).items).toEqual([])
  })
})
