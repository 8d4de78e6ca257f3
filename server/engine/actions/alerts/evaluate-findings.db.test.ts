import { v7 as uuidv7 } from 'uuid'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { alertTools, makeDeliveryType, makeRule, messagesOf } from '@/testing/alerts'
import { dispatch, ends, finish, openWorld, running, submit, tester } from '@/testing/engine'
import { makeSchedule } from '@/testing/schedules'
import { alertHistory, failed, retryJob, rollUp } from '../../index'

// What each kind of alert rule finds: circuits, causes, failure rates, waiting jobs, pools, schedules, stuck jobs.

const { db, world } = await openWorld()
const { state, titles, look, openCircuit, closeCircuits, die, clear } = alertTools(world)
beforeAll(() => makeDeliveryType(world))
afterEach(clear)

test('a rule tells of an open circuit once, and of its recovery once the circuit is found closed twice', async () => {
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

test('a circuit that is found closed only once and is then open again sends no second message', async () => {
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

test('the message of a recovery waits for the end of the message of its alert', async () => {
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

test('a rule for new causes says nothing of a cause from before the rule, and fires for a new one until no job is dead of it', async () => {
  const old = await die()
  const id = await makeRule(world, { name: 'Causes', condition: { kind: 'NEW_CAUSE' } })
  // Well before the rule.
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
  await finish(world, failed(claimed, error, null))
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

/** Copies a dead letter `times` times. Each copy has a cause of its own, or all have the cause of the first. */
const copy = (jobId: string, { times, causes, ago }: { times: number; causes: boolean; ago: string }) =>
  db.$executeRaw`
    INSERT INTO jobs SELECT (jsonb_populate_record(j, jsonb_build_object('id', gen_random_uuid(),
      'error_fingerprint', CASE WHEN ${causes} THEN 'cause ' || n ELSE j.error_fingerprint END,
      'finished_at', clock_timestamp() - ${ago}::interval))).*
    FROM jobs j CROSS JOIN generate_series(1, ${times}::int) n WHERE j.id = ${jobId}::uuid`
const dieOf = async (fingerprint: string) => {
  const claimed = await running(world)
  const error = { message: `Died of ${fingerprint}`, class: 'PERMANENT', fingerprint, stack: null } as const
  await finish(world, failed(claimed, error, null))
  return claimed.jobId
}

// The two numbers lie above MOST_WALKED (500 causes) and MOST_RECENT (5,000 dead letters) of store/alerts/looks.ts.
test('a rule for new causes finds one among 700 causes that it knows', async () => {
  const id = await makeRule(world, { condition: { kind: 'NEW_CAUSE' } })
  const old = await dieOf('a')
  // As if it had died before the rule was made, so that the rule knows the cause.
  await db.$executeRaw`UPDATE jobs SET finished_at = finished_at - interval '1 hour' WHERE id = ${old}::uuid`
  await copy(old, { times: 700, causes: true, ago: '1 hour' })
  await dieOf('zzz')
  await look()
  expect((await state(id)).firing).toMatchObject([{ text: expect.stringContaining('Died of zzz') as string }])
})

test('a rule for new causes finds one among 5,100 later dead letters of a cause that it knows', async () => {
  const id = await makeRule(world, { condition: { kind: 'NEW_CAUSE' } })
  const old = await dieOf('a')
  // As if it had died before the rule was made, so that the rule knows the cause.
  await db.$executeRaw`UPDATE jobs SET finished_at = finished_at - interval '1 hour' WHERE id = ${old}::uuid`
  await dieOf('zzz')
  await copy(old, { times: 5_100, causes: false, ago: '0' })
  await look()
  expect((await state(id)).firing).toMatchObject([{ text: expect.stringContaining('Died of zzz') as string }])
})

test('a rule for failure rates counts the attempts that were summed and those that were not yet', async () => {
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
  // Far enough back that the five minutes in which they ended are over and can be summed.
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

test('an error message that would be cut in the middle of an emoji fails no rule', async () => {
  const causes = await makeRule(world, { condition: { kind: 'NEW_CAUSE' } })
  const claimed = await running(world)
  // Messages are cut at 500 characters. Here that is between the two halves of the emoji.
  const error = {
    message: 'x '.repeat(249) + 'y😀 and more words',
    class: 'PERMANENT',
    fingerprint: 'emoji',
    stack: null,
  } as const
  await finish(world, failed(claimed, error, null))
  expect((await look()).failures).toEqual([])
  expect(await state(causes)).toMatchObject({ firing: [{ text: expect.stringContaining('x y\uFFFD') as string }] })
})

test('where one kind of rule cannot be looked at, the other kinds are, and it finds later what it has missed', async () => {
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

test('a rule for failure rates over five minutes still counts attempts that have just been summed', async () => {
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

test('a rule for new causes of one job type does not fire for another, and its alert stays open however old the cause becomes', async () => {
  const condition = { kind: 'NEW_CAUSE' } as const
  const every = await makeRule(world, { condition })
  const own = await makeRule(world, { condition: { ...condition, jobType: 'plain' } })
  const other = await makeRule(world, { condition: { ...condition, jobType: 'another' } })
  const counts = async () => [await state(every), await state(own), await state(other)].map((rule) => rule.firingCount)
  const jobId = await die()
  await look()
  expect(await counts()).toEqual([1, 1, 0])
  await db.$executeRaw`UPDATE jobs SET finished_at = finished_at - interval '1 day' WHERE id = ${jobId}::uuid`
  for (let n = 0; n < 3; n++) await look()
  expect(await counts()).toEqual([1, 1, 0])
})

test('a rule for waiting jobs fires for one that could have started too long ago, and not for one that is for later', async () => {
  const id = await makeRule(world, { condition: { kind: 'OLDEST_WAITING', seconds: 60 } })
  await submit(world, { runAt: new Date(Date.now() + 3_600_000) })
  const { id: jobId } = await submit(world, { priority: 'HIGH' })
  await look()
  expect(await state(id)).toMatchObject({ firingCount: 0 })
  // As if it could have started two minutes earlier: a rank is that time, less a head start for the priority.
  await db.$executeRaw`UPDATE jobs SET rank_at = rank_at - interval '2 minutes' WHERE id = ${jobId}::uuid`
  await look()
  expect(await state(id)).toMatchObject({
    firing: [{ label: 'plain', text: 'A job of plain has waited for 2 min.' }],
  })
  // Handed to the queue it still waits, and since the same time.
  expect(await dispatch(world, jobId)).toBe(1)
  await look()
  expect(await state(id)).toMatchObject({
    firing: [{ label: 'plain', text: 'A job of plain has waited for 2 min.' }],
  })
})

test('a rule for missing workers fires for a pool whose last worker is gone', async () => {
  const id = await makeRule(world, { condition: { kind: 'NO_WORKER' } })
  await db.$executeRaw`
    INSERT INTO workers (id, host, pid, isolated_slots, inline_slots, last_seen_at) VALUES (${uuidv7()}::uuid, 'h', 1, 1, 1, clock_timestamp())`
  // The workers take jobs of every pool.
  await db.$executeRaw`UPDATE workers SET pools = NULL`
  await look()
  expect(await state(id)).toMatchObject({ firingCount: 0 })
  // No worker is alive any more.
  await db.$executeRaw`UPDATE workers SET last_seen_at = clock_timestamp() - interval '1 minute'`
  await look()
  expect(await state(id)).toMatchObject({ firing: [{ label: 'pool default' }] })
})

test('a rule for missed schedules fires until a run is submitted again, not where the schedule skipped a run by its own rule, and for a run that is late', async () => {
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
  // It should have run ten minutes ago.
  await db.$executeRaw`UPDATE schedules SET due_at = clock_timestamp() - interval '10 minutes', next_run_at = clock_timestamp() - interval '10 minutes'`
  await look()
  expect(await state(id)).toMatchObject({ firing: [{ text: expect.stringContaining('is late') as string }] })
})

test('a rule for stuck jobs fires for one that has run for an hour and said nothing', async () => {
  const id = await makeRule(world, { condition: { kind: 'JOB_STUCK' } })
  const { jobId } = await running(world)
  await look()
  expect(await state(id)).toMatchObject({ firingCount: 0 })
  await db.$executeRaw`UPDATE jobs SET started_at = clock_timestamp() - interval '1 hour' WHERE id = ${jobId}::uuid`
  await look()
  expect(await state(id)).toMatchObject({ firing: [{ path: `/jobs/${jobId}` }] })
})
