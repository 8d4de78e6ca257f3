import { beforeAll, describe, expect, test } from 'vitest'
import { ends, finish, openWorld, running, start, submit, tester } from '@/testing/engine'
import { cancelJob, retryJob } from './index'
import { checkInvariants } from './invariants'

const { db, world } = await openWorld({ max: 2 })
const jobs: Record<'waiting' | 'running' | 'completed' | 'failed' | 'canceled' | 'dead' | 'retried', string> =
  Object.create(null)
let foreign: string

beforeAll(async () => {
  jobs.canceled = (await submit(world)).id
  await cancelJob(db, { jobId: jobs.canceled, actor: tester })
  for (const [name, end] of [
    ['completed', ends.complete],
    ['failed', ends.fail],
    ['dead', ends.dead],
    ['retried', ends.dead],
  ] as const) {
    const claimed = await running(world)
    await finish(world, end(claimed))
    jobs[name] = claimed.jobId
  }
  await retryJob(db, { jobId: jobs.retried, actor: tester })
  await finish(world, ends.complete(await start(world, jobs.retried)))
  jobs.running = (await running(world)).jobId
  // Last, so that no step above takes it.
  jobs.waiting = (await submit(world)).id
  foreign = (await submit({ ...world, organizationId: world.otherOrganizationId })).id
  // The checks have to see what the database itself would refuse.
  for (const name of ['lease', 'worker', 'retry', 'finished', 'canceled', 'error', 'cause', 'condemned', 'parents']) {
    await db.$executeRawUnsafe(`ALTER TABLE jobs DROP CONSTRAINT jobs_${name}_check`)
  }
  await db.$executeRaw`ALTER TABLE job_dependencies DROP CONSTRAINT job_dependencies_self_check`
  for (const name of ['trial', 'closed'])
    await db.$executeRawUnsafe(`ALTER TABLE circuits DROP CONSTRAINT circuits_${name}_check`)
  await db.$executeRaw`ALTER TABLE execution_logs DISABLE TRIGGER execution_logs_append_only`
})

class RolledBack extends Error {}

/**
 * What the checks say after `sql`, which is then undone. In it, `$job` is the job, `$waiting` and the like are the
 * others, `$org` is the organization, and `$foreign` is a job of another one. With `quiet`, what holds only at rest is
 * asked too. Then the fault must be one that nothing reports without it.
 */
async function afterBreaking(sql: string, jobId = '', { quiet = false } = {}): Promise<string[]> {
  let found: string[] = []
  const names: Record<string, string> = { ...jobs, job: jobId, foreign, org: world.organizationId }
  const statement = sql.replaceAll(/\$(\w+)/g, (_, name: string) => `'${names[name]!}'`)
  const broken = db.$transaction(async (tx) => {
    expect(await tx.$executeRawUnsafe(statement)).toBeGreaterThan(0)
    if (quiet) expect(await checkInvariants(tx)).toEqual([])
    // In the order of their words: PostgreSQL gives the rows of a check in any order.
    found = (await checkInvariants(tx, { quiet })).sort()
    expect((await checkInvariants(tx, { quiet, organizationId: world.organizationId })).sort()).toEqual(found)
    expect(await checkInvariants(tx, { quiet, organizationId: world.otherOrganizationId })).toEqual([])
    throw new RolledBack()
  })
  await expect(broken).rejects.toBeInstanceOf(RolledBack)
  return found
}

test('jobs in every state, as the engine leaves them, violate nothing', async () => {
  expect(await checkInvariants(db, { quiet: true })).toEqual([])
})

const log = (
  from: string,
  to: string,
  attempt: number,
) => `INSERT INTO execution_logs (job_id, organization_id, from_status, to_status, attempt, actor_type, actor_name)
  SELECT id, organization_id, ${from}, '${to}', ${attempt}, 'SYSTEM', 'test' FROM jobs WHERE id = $job`

describe('a fault of one job', () => {
  test.each<[string, keyof typeof jobs, string, RegExp]>([
    [
      'a status that the history does not end in',
      'waiting',
      `UPDATE jobs SET status = 'QUEUED' WHERE id = $job`,
      /is QUEUED, and its history ends in PENDING/,
    ],
    ['a job without history', 'waiting', `DELETE FROM execution_logs WHERE job_id = $job`, /has no history/],
    [
      'a history that does not begin at (new)',
      'waiting',
      `UPDATE execution_logs SET from_status = 'FAILED' WHERE job_id = $job`,
      /begins with FAILED to PENDING/,
    ],
    [
      'a gap in the history',
      'completed',
      `DELETE FROM execution_logs WHERE job_id = $job AND to_status = 'QUEUED'`,
      /says QUEUED to RUNNING where it was PENDING/,
    ],
    [
      'a transition that is not listed',
      'completed',
      log(`'COMPLETED'`, 'PENDING', 1),
      /has COMPLETED to PENDING, which the state table does not list/,
    ],
    [
      'a change of a job that had ended',
      'completed',
      log(`'COMPLETED'`, 'COMPLETED', 1),
      /has COMPLETED to COMPLETED, which the state table does not list/,
    ],
    ['a job that was COMPLETED twice', 'completed', log(`'RUNNING'`, 'COMPLETED', 1), /was COMPLETED 2 times/],
    ['an attempt that ended twice', 'failed', log(`'RUNNING'`, 'FAILED', 1), /attempt 1 ended 2 times/],
    [
      'a dispatch number that was reused',
      'completed',
      `UPDATE jobs SET dispatch = dispatch - 1 WHERE id = $job`,
      /has dispatch 0 after becoming QUEUED 1 times/,
    ],
    [
      'an attempt number that went back',
      'retried',
      `UPDATE execution_logs SET attempt = 1 WHERE job_id = $job AND attempt = 2`,
      /claim number 2 has attempt 1/,
    ],
    [
      'an attempt number that does not fit the claims',
      'waiting',
      `UPDATE jobs SET attempt = 1 WHERE id = $job`,
      /has attempt 1 after 0 claims/,
    ],
    [
      'an attempt that is not kept',
      'completed',
      `DELETE FROM job_attempts WHERE job_id = $job`,
      /attempt 1 was claimed and is not kept/,
    ],
    [
      'an attempt that nobody claimed',
      'waiting',
      `INSERT INTO job_attempts (job_id, attempt, organization_id, job_type, ready_at, queued_at, started_at, ended_at, outcome)
      SELECT id, 1, organization_id, job_type, now(), now(), now(), now(), 'FAILED' FROM jobs WHERE id = $job`,
      /attempt 1 is kept and was never claimed/,
    ],
    [
      'an attempt left open',
      'completed',
      `UPDATE job_attempts SET outcome = NULL, ended_at = NULL WHERE job_id = $job`,
      /attempt 1 is open while the job is COMPLETED/,
    ],
    [
      'an outcome that the history contradicts',
      'dead',
      `UPDATE job_attempts SET outcome = 'COMPLETED' WHERE job_id = $job`,
      /outcome COMPLETED, and the history says DEAD_LETTER/,
    ],
    [
      'an outcome without history',
      'running',
      `UPDATE job_attempts SET outcome = 'LOST', ended_at = now() WHERE job_id = $job`,
      /outcome LOST, and the history says nothing/,
    ],
    [
      'failures that nobody counted',
      'failed',
      `UPDATE jobs SET failures = 2 WHERE id = $job`,
      /has failures 2 after 1 failed attempts/,
    ],
    [
      'failures that a retry did not forget',
      'retried',
      `UPDATE jobs SET failures = 1 WHERE id = $job`,
      /has failures 1 after 0 failed attempts/,
    ],
    [
      'RUNNING without a lease',
      'running',
      `UPDATE jobs SET lease_until = NULL WHERE id = $job`,
      /is RUNNING, which does not fit its lease/,
    ],
    [
      'a lease without RUNNING',
      'completed',
      `UPDATE jobs SET lease_until = now(), worker_id = id WHERE id = $job`,
      /is COMPLETED, which does not fit its lease/,
    ],
    [
      'FAILED without a next retry',
      'failed',
      `UPDATE jobs SET next_retry_at = NULL WHERE id = $job`,
      /is FAILED, which does not fit its next retry/,
    ],
    [
      'a next retry of a job that waits',
      'waiting',
      `UPDATE jobs SET next_retry_at = now() WHERE id = $job`,
      /is PENDING, which does not fit its next retry/,
    ],
    ['an end without a time', 'dead', `UPDATE jobs SET finished_at = NULL WHERE id = $job`, /does not fit its finish/],
    [
      'COMPLETED although its cancel was decided',
      'completed',
      `UPDATE jobs SET cancel_requested_at = now() WHERE id = $job`,
      /is COMPLETED although its cancel was decided/,
    ],
    ['CANCELED by nobody', 'canceled', `UPDATE jobs SET canceled_by = NULL WHERE id = $job`, /nobody asked for it/],
    ['a death without a reason', 'dead', `UPDATE jobs SET error_message = NULL WHERE id = $job`, /does not say why/],
    ['a lost input', 'waiting', `DELETE FROM job_inputs WHERE job_id = $job`, /has lost its input/],
    [
      'artifacts of a job that did not complete',
      'failed',
      `INSERT INTO artifacts (id, job_id, attempt, name, content_type, size, storage_key)
      VALUES ($job, $job, 1, 'a', 'b', 1, 'c')`,
      /is FAILED and has artifacts/,
    ],
    [
      'artifacts of an earlier attempt',
      'retried',
      `INSERT INTO artifacts (id, job_id, attempt, name, content_type, size, storage_key)
      VALUES ($job, $job, 1, 'a', 'b', 1, 'c')`,
      /has artifacts of an earlier attempt/,
    ],
    [
      'a result of a job that did not complete',
      'dead',
      `INSERT INTO job_results VALUES ($job, '1')`,
      /is DEAD_LETTER and has a result/,
    ],
    [
      'a job that does not hold its hash',
      'failed',
      `DELETE FROM dedupe_claims WHERE job_id = $job`,
      /is FAILED and does not hold its hash/,
    ],
    [
      'a job whose hash runs out while it waits',
      'waiting',
      `UPDATE dedupe_claims SET held_until = now() WHERE job_id = $job`,
      /is PENDING and does not hold its hash/,
    ],
    [
      'a dead job that holds its hash',
      'dead',
      `INSERT INTO dedupe_claims SELECT organization_id, job_type, dedupe_hash, id, 'infinity' FROM jobs WHERE id = $job`,
      /is DEAD_LETTER and holds a hash/,
    ],
    [
      'a completed job that holds its hash for ever',
      'completed',
      `UPDATE dedupe_claims SET held_until = 'infinity' WHERE job_id = $job`,
      /holds its hash for ever/,
    ],
    [
      'a cause of death of a job that lives',
      'failed',
      `UPDATE jobs SET cause_job_id = $dead WHERE id = $job`,
      /is FAILED and names a job that it died of/,
    ],
    [
      'a death by a job that lives',
      'dead',
      `UPDATE jobs SET cause_job_id = $waiting WHERE id = $job`,
      /died of .*, which is PENDING/,
    ],
    [
      'a condemned job that does not run',
      'waiting',
      `UPDATE jobs SET condemned = 'Organization not found' WHERE id = $job`,
      /is PENDING and condemned/,
    ],
    [
      'a start before a parent has ended',
      'running',
      `INSERT INTO job_dependencies (job_id, parent_id, on_ended) VALUES ($job, $waiting, TRUE)`,
      /is RUNNING although its parent .* has never ended/,
    ],
    [
      'a start before a parent is COMPLETED',
      'running',
      `INSERT INTO job_dependencies VALUES ($job, $failed)`,
      /is RUNNING before its parent .* is COMPLETED/,
    ],
    [
      'a child that waits for too few parents',
      'waiting',
      `INSERT INTO job_dependencies VALUES ($job, $completed), ($job, $running)`,
      /waits for 0 parents where 1 are not COMPLETED/,
    ],
    [
      'a parent of another organization',
      'dead',
      `INSERT INTO job_dependencies VALUES ($job, $foreign)`,
      /depends on .* of another organization/,
    ],
    [
      'a job that waits for itself',
      'dead',
      `INSERT INTO job_dependencies VALUES ($job, $job)`,
      /waits for itself through its parents/,
    ],
    [
      'a cycle',
      'canceled',
      `WITH cycle AS (INSERT INTO job_dependencies VALUES ($dead, $job), ($job, $waiting), ($waiting, $dead))
      UPDATE jobs SET pending_parents = 1 WHERE id = $waiting`,
      /waits for itself through its parents/,
    ],
    [
      'a hash of another',
      'waiting',
      `UPDATE jobs SET dedupe_hash = NULL WHERE id = $job`,
      /holds a hash that is not its own/,
    ],
  ])('checkInvariants reports %s', async (_, job, sql, problem) => {
    const found = await afterBreaking(sql, jobs[job])
    expect(found.join('\n')).toMatch(problem)
    expect(found.every((line) => line.startsWith(jobs[job]))).toBe(true)
  })
})

describe('a fault of no single job', () => {
  const circuit = (
    rest: string,
  ) => `INSERT INTO circuits (job_type, organization_id, opened_at, counts_from, state, outcomes, failures, trial_job_id, trial_attempt, closed_at)
    VALUES ('plain', $org::uuid, now(), now(), ${rest})`
  test.each<[string, string, RegExp]>([
    [
      'more in flight than its organization may have',
      `UPDATE organizations SET max_concurrent = 0 WHERE id = $org::uuid`,
      /has 1 jobs in flight where 0 may be/,
    ],
    [
      'more of a type in flight than may be',
      `UPDATE job_types SET concurrency_global = 0 WHERE name = 'plain'`,
      /plain has 1 jobs in flight where 0 may be/,
    ],
    [
      'more of a type in one organization than may be',
      `UPDATE job_types SET concurrency_per_organization = 0 WHERE name = 'plain'`,
      /plain has 1 jobs in flight in organization .* where 0 may be/,
    ],
    [
      'a count of unfinished jobs that has drifted',
      `INSERT INTO usage_deltas (organization_id, delta) VALUES ($org::uuid, -1)`,
      /counts 2 unfinished jobs and has 3/,
    ],
    [
      'a count that was added up twice',
      `INSERT INTO organization_usage AS u VALUES ($org::uuid, 3) ON CONFLICT (organization_id) DO UPDATE SET unfinished = u.unfinished + 3`,
      /counts 6 unfinished jobs and has 3/,
    ],
    [
      'a trial of a circuit that is open',
      circuit(`'OPEN', 10, 6, $running, 1, NULL`),
      /is OPEN, but only a HALF_OPEN circuit may have a trial job/,
    ],
    [
      'a trial without its attempt',
      circuit(`'HALF_OPEN', 10, 6, $running, NULL, NULL`),
      /is HALF_OPEN, but .* needs both the job and its attempt/,
    ],
    [
      'a trial of another kind',
      circuit(`'HALF_OPEN', 10, 6, $foreign, 0, NULL`),
      /is HALF_OPEN and tries a job that is not of its kind/,
    ],
    [
      'a circuit that was closed at no time',
      circuit(`'CLOSED', 10, 6, NULL, NULL, NULL`),
      /is CLOSED, which does not fit when it was closed/,
    ],
    [
      'more failures than outcomes',
      circuit(`'OPEN', 10, 11, NULL, NULL, NULL`),
      /is OPEN with 11 failures of 10 outcomes/,
    ],
  ])('checkInvariants reports %s', async (_, sql, problem) => {
    const found = await afterBreaking(sql)
    expect(found).toEqual([expect.stringMatching(problem)])
    expect(found[0]).toMatch(/^no job: /)
  })
})

describe('a fault only at rest', () => {
  const child = (parent: string, waitsFor: number) =>
    `WITH edge AS (INSERT INTO job_dependencies VALUES ($waiting, ${parent})) UPDATE jobs SET pending_parents = ${waitsFor} WHERE id = $waiting`
  test.each<[string, string, RegExp]>([
    ['a child of a dead parent', child('$dead', 1), /waits for its parent .*, which is DEAD_LETTER/],
    ['a child of a canceled parent', child('$canceled', 1), /waits for its parent .*, which is CANCELED/],
    [
      'a child that waits for a parent that is COMPLETED',
      child('$completed', 1),
      /still waits for 1 parents where 0 are open/,
    ],
    [
      'a job of a deleted organization',
      `UPDATE organizations SET status = 'DELETED' WHERE id = $org::uuid`,
      /is PENDING, and its organization is deleted/,
    ],
  ])('checkInvariants reports %s, if it is asked about a system at rest', async (_, sql, problem) => {
    expect((await afterBreaking(sql, '', { quiet: true })).join('\n')).toMatch(problem)
  })
})
