import { randomBytes, randomUUID } from 'node:crypto'
import {
  claimJobs,
  createAlertRule,
  createSchedule,
  dispatchJobs,
  finishAttempts,
  submitJobs,
  writeAudit,
} from '@/server/engine'
import { ends, workerId } from '@/testing/engine'
import type { ArtifactStore } from '@/server/storage'
import type { World } from '@/testing/api-world'
import type { Services } from './services'

/** One of two organizations that contain the same things, except for ids and one word. */
export interface Side {
  slug: 'acme' | 'globex'
  organizationId: string
  /** A word in every text that `fill` writes into this organization, apart from what is the same in both. */
  word: string
  userId: string
  keyId: string
  /** The id of a member, as `members.list` gives it. */
  memberId: string
  /** The ids of its jobs, by what happened to each. */
  jobs: Record<'completed' | 'dead' | 'failed' | 'running' | 'waiting' | 'child', string>
  /** The address of the file that its completed job has left. */
  artifact: string
  /** The id of a bulk action that runs and has done nothing yet. */
  bulkId: string
  /** The id of an open request about its waiting job. */
  requestId: string
  /** The id of a saved view that is shared. */
  viewId: string
  /** The id of a schedule that has run. */
  scheduleId: string
  /** The id of an alert rule that has fired, and whose message could not be sent. */
  ruleId: string
  /** The id of an entry in its audit. */
  auditId: string
  /** All texts by which something of this organization could be recognized. */
  traces: string[]
}

const KINDS = ['completed', 'dead', 'failed', 'running', 'waiting'] as const
const PARAMETERS = { order: { id: 7 }, customer: 'same in both' }

/**
 * Fills an organization with jobs in five states, and with attempts, logs, a result, errors and a file. It also gets
 * one or two of everything else that its members can read, such as audit entries, a circuit, a pause and an invitation.
 */
export async function fill(
  slug: Side['slug'],
  { services: { db }, world, storage }: { services: Services; world: World; storage: ArtifactStore },
): Promise<Side> {
  const organizationId = world[slug]
  const word = `wordof${slug}`
  const userId = world.userIds[`${slug}.ADMIN`]!
  const actor = { type: 'user', id: userId, name: `${slug}.ADMIN` } as const
  const { id: keyId } = await db.apiKey.findFirstOrThrow({ where: { organizationId, role: 'ADMIN' } })

  const submitted = await submitJobs(db, {
    organizationId,
    actor,
    // Both organizations get the same hashes and keys. They must not affect each other.
    jobs: KINDS.map((kind) => ({
      jobType: 'test.noop',
      parameters: { ...PARAMETERS, kind, note: word },
      idempotencyKey: `same-${kind}`,
      runAt: kind === 'waiting' ? new Date('2100-01-01') : undefined,
    })),
  })
  const jobs = Object.fromEntries(KINDS.map((kind, n) => [kind, submitted[n]!.id])) as Side['jobs']
  const [child] = await submitJobs(db, {
    organizationId,
    actor,
    jobs: [{ jobType: 'test.noop', parameters: { ...PARAMETERS, note: word, child: true }, dependsOn: [jobs.waiting] }],
  })
  jobs.child = child!.id

  const dispatched = await dispatchJobs(db, 'INLINE', 500)
  const claimed = await claimJobs(
    db,
    workerId,
    dispatched.filter(({ jobId }) => Object.values(jobs).includes(jobId)),
  )
  const attemptOf = (kind: keyof Side['jobs']) => claimed.find(({ jobId }) => jobId === jobs[kind])!
  const file = await storage.stageArtifact(
    { organizationId, jobId: jobs.completed, attempt: 1 },
    Buffer.from(`file with ${word}`),
  )
  await storage.commitArtifacts([file.storageKey])
  await finishAttempts(db, [
    {
      ...ends.complete(attemptOf('completed'), { result: { word } }),
      artifacts: [{ id: randomUUID(), name: 'same.txt', contentType: 'text/plain', ...file }],
    } as ReturnType<typeof ends.complete>,
    ends.dead(attemptOf('dead')),
    ends.fail(attemptOf('failed')),
  ])
  // The running job looks stuck: it began three minutes ago, and its last log line is equally old. It is within its
  // timeout, so that the token of its attempt is still valid.
  await db.$executeRaw`
    UPDATE jobs SET progress = 40, progress_message = ${word}, started_at = started_at - interval '3 minutes' WHERE id = ${jobs.running}::uuid`
  for (const jobId of [jobs.completed, jobs.running])
    await db.jobLog.create({
      data: {
        jobId,
        line: 1,
        attempt: 1,
        level: 'INFO',
        message: `log of ${word}`,
        at: new Date(Date.now() - 180_000),
      },
    })
  await db.circuit.create({
    data: {
      organizationId,
      jobType: 'test.noop',
      state: 'OPEN',
      failures: 8,
      outcomes: 10,
      openedAt: new Date(),
      countsFrom: new Date(),
    },
  })
  await db.pause.create({
    data: { scope: 'ORGANIZATION', target: organizationId, reason: word, pausedBy: actor, pausedAt: new Date() },
  })
  const { id: invitationId } = await db.invitation.create({
    data: {
      id: randomUUID(),
      organizationId,
      email: `${word}@example.com`,
      role: 'VIEWER',
      tokenHash: randomBytes(32),
      invitedBy: actor,
      expiresAt: new Date('2100-01-01'),
    },
  })
  const viewId = randomUUID()
  await db.savedView.create({
    data: { id: viewId, organizationId, ownerId: userId, name: word, query: { word }, shared: true, createdBy: actor },
  })
  const scheduleId = await createSchedule(db, {
    organizationId,
    actor,
    address: null,
    schedule: {
      name: word,
      jobType: 'test.noop',
      cron: '0 0 1 1 *',
      timeZone: 'UTC',
      parameters: { note: word },
    },
  })
  const ruleId = await createAlertRule(db, {
    organizationId,
    actor,
    address: null,
    rule: {
      name: word,
      condition: { kind: 'NEW_CAUSE' },
      targets: [{ type: 'webhook', url: `https://${word}.example.com` }],
    },
  })
  const now = new Date()
  const alert = { ruleId, organizationId, subject: word, label: word, text: word, openedAt: now, toldAt: now }
  await db.alert.create({ data: { id: randomUUID(), ...alert } })
  const message = { ruleId, kind: 'ALERT', title: word, createdAt: now, error: word } as const
  await db.alertDelivery.create({
    data: { id: randomUUID(), target: { type: 'mail', to: [`${word}@example.com`] }, ...message },
  })
  await db.scheduleRun.create({
    data: { scheduleId, organizationId, plannedAt: now, decidedAt: now, jobId: jobs.waiting },
  })
  const requestId = randomUUID()
  await db.request.create({
    data: {
      id: requestId,
      organizationId,
      kind: 'CANCEL',
      filter: { search: word },
      matched: 1,
      reason: word,
      askedBy: actor,
      askedById: userId,
      expiresAt: new Date('2100-01-01'),
      items: { create: { jobId: jobs.waiting } },
    },
  })
  const bulkId = randomUUID()
  const requester = { requestedByType: 'USER', requestedById: userId, requestedByName: actor.name } as const
  await db.bulkAction.create({
    data: { id: bulkId, organizationId, kind: 'CANCEL', role: 'ADMIN', ownOnly: false, reason: word, ...requester },
  })
  for (const action of ['organization.update', 'control.pause'] as const)
    await writeAudit(db, {
      organizationId,
      actor,
      address: null,
      action,
      targetType: 'organization',
      targetId: organizationId,
      reason: word,
    })

  const { id: auditId } = await db.auditEvent.findFirstOrThrow({ where: { organizationId, reason: word } })

  const users = Object.entries(world.userIds).flatMap(([name, id]) => (name.startsWith(slug) ? id : []))
  const people = (await db.person.findMany({ where: { userId: { in: users } } })).map(({ id }) => id)
  const { id: memberId } = await db.person.findUniqueOrThrow({ where: { userId } })
  const keys = (await db.apiKey.findMany({ where: { organizationId }, select: { id: true } })).map(({ id }) => id)
  return {
    slug,
    organizationId,
    word,
    userId,
    keyId,
    memberId,
    jobs,
    bulkId,
    requestId,
    viewId,
    scheduleId,
    ruleId,
    auditId,
    artifact: `/api/artifacts/${jobs.completed}/same.txt`,
    traces: [
      organizationId,
      word,
      ...Object.values(jobs),
      ...users,
      ...people,
      ...keys,
      invitationId,
      bulkId,
      viewId,
      scheduleId,
      ruleId,
      auditId,
      requestId,
    ],
  }
}

/**
 * What most tables that calls write to have about an organization, as one text, so that a change shows. `last_used_at`
 * is left out, because the calls of the test move it.
 */
export async function contentOf({ db }: Services, { organizationId }: Side): Promise<string> {
  const tables = [
    'jobs',
    'job_inputs',
    'execution_logs',
    'job_attempts',
    'audit_events',
    'circuits',
    'bulk_actions',
    'requests',
    'saved_views',
    'schedules',
    'schedule_runs',
    'alert_rules',
    'ignored_causes',
    'cause_acts',
    'api_keys',
    'org_members',
    'invitations',
    'idempotency_keys',
    'dedupe_claims',
    'job_search',
    'alerts',
    'uploads',
    'usage_deltas',
  ]
  /** Tables that do not name an organization: the column of the row that does, and its table. */
  const parts = {
    job_results: ['job_id', 'jobs'],
    job_logs: ['job_id', 'jobs'],
    artifacts: ['job_id', 'jobs'],
    alert_deliveries: ['rule_id', 'alert_rules'],
    request_items: ['request_id', 'requests'],
    bulk_items: ['bulk_id', 'bulk_actions'],
  }
  const conditions = [
    ...tables.map((table) => [table, 'organization_id = $1::uuid']),
    ...Object.entries(parts).map(([table, [column, owner]]) => [
      table,
      `${column} IN (SELECT id FROM ${owner} WHERE organization_id = $1::uuid)`,
    ]),
  ]
  const rows = await Promise.all(
    conditions.map(([table, condition]) =>
      db.$queryRawUnsafe<{ text: string | null }[]>(
        `SELECT string_agg(t::text, E'\\n' ORDER BY t::text) AS text FROM (SELECT to_jsonb(x) - 'last_used_at' AS t FROM ${table} x WHERE ${condition}) rows`,
        organizationId,
      ),
    ),
  )
  const pauses = await db.pause.findMany({ where: { target: organizationId } })
  const organization = await db.organization.findUnique({ where: { id: organizationId } })
  return JSON.stringify([rows, pauses, organization], (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  )
}
