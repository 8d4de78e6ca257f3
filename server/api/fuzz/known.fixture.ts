import type { Db } from '@/server/db'
import { claimJobs, dispatchJobs, finishAttempts, submitJobs } from '@/server/engine'
import { ends, workerId } from '@/testing/engine'
import { systemActor, type Json } from '@/server/engine/domain/types'
import type { OrgRole } from '@/server/generated/prisma/enums'
import type { World } from '@/testing/api-world'
import { UUID_FORM } from '@/server/engine/domain/uuid'

// The objects that calls refer to. They are restored again and again, because the calls also suspend organizations,
// cancel jobs and revoke keys.

/** A word in the parameters of the jobs that `prepare` makes for an organization. The other one may never read it. */
export const MARKS = { acme: 'needleofacme', globex: 'needleofglobex' } as const
export const SECRET = 'a-value-that-no-log-may-hold'

const ALL_IDS = new RegExp(`\\b${UUID_FORM}\\b`, 'g')
/** How many values of a kind are remembered: the newest. */
const MAX_KEPT = 200

/**
 * The ids and names that calls may use, by kind. Ids and cursors from answers are added, so that a call may use what an
 * earlier call made.
 */
export class Known {
  private readonly kinds = new Map<string, string[]>()

  set(kind: string, values: readonly string[]): void {
    this.kinds.set(kind, [...values])
  }

  /** Adds the ids and cursors of an answer. */
  learn(text: string): void {
    this.add('id', text.match(ALL_IDS) ?? [])
    this.add(
      'cursor',
      [...text.matchAll(/"nextCursor":"([^"]+)"/g)].map((match) => match[1]!),
    )
    this.add(
      'event',
      [...text.matchAll(/^id: (\S+)$/gm)].map((match) => match[1]!),
    )
  }

  /** A copy of an input in which each reference is replaced by something that exists. */
  resolve(input: Json | undefined): Json | undefined {
    if (typeof input === 'string') {
      const [, kind, at] = /^@@([a-z]+):([\d.e-]+)@@$/i.exec(input) ?? []
      return kind && at ? this.pick(kind, Number(at)) : input
    }
    if (Array.isArray(input)) return input.map((item) => this.resolve(item)!)
    if (typeof input !== 'object' || input === null) return input
    return Object.fromEntries(Object.entries(input).map(([name, inner]) => [name, this.resolve(inner)!]))
  }

  private pick(kind: string, at: number): string {
    const values = this.kinds.get(kind) ?? []
    return values[Math.floor(at * values.length)] ?? '00000000-0000-4000-8000-000000000000'
  }

  private add(kind: string, values: readonly string[]): void {
    const kept = this.kinds.get(kind) ?? []
    kept.push(...values)
    this.kinds.set(kind, [...new Set(kept)].slice(-MAX_KEPT))
  }
}

/** Undoes what calls have done, and gives both organizations new jobs in many states. */
export async function prepare(db: Db, world: World, known: Known): Promise<void> {
  await db.$executeRaw`UPDATE organizations SET status = 'ACTIVE', suspended_at = NULL, suspend_reason = NULL, deleted_at = NULL, max_unfinished = 100000, max_concurrent = NULL`
  await db.$executeRaw`DELETE FROM pauses`
  await db.$executeRaw`UPDATE users SET disabled_at = NULL, session_epoch = 0`
  for (const [name, userId] of Object.entries(world.userIds)) {
    const [slug, role] = name.split('.') as ['acme' | 'globex', OrgRole]
    const { id: personId } = await db.person.findUniqueOrThrow({ where: { userId } })
    const membership = { organizationId: world[slug], personId }
    await db.orgMember.upsert({
      where: { organizationId_personId: membership },
      create: { ...membership, role },
      update: { role },
    })
  }
  await db.$executeRaw`UPDATE api_keys SET revoked_at = NULL, revoked_by = NULL, waiting_jobs = NULL, expires_at = NULL`
  await db.$executeRaw`
    UPDATE job_types t SET enabled = true, rate_limit_count = NULL, rate_limit_window_seconds = NULL, concurrency_global = NULL, concurrency_per_organization = NULL,
      parameter_schema = v.config -> 'parameterSchema'
    FROM job_type_versions v WHERE t.name LIKE 'test.%' AND v.job_type = t.name AND v.version = 1`
  const jobs: string[] = []
  for (const slug of ['acme', 'globex'] as const) {
    const wanted = Array.from({ length: 8 }, (_, n) => ({
      jobType: 'test.secret',
      dedupe: false,
      parameters: { mark: MARKS[slug], order: { id: n }, key: SECRET },
      runAt: n % 2 ? new Date('2100-01-01') : undefined,
    }))
    const submitted = await submitJobs(db, { organizationId: world[slug], jobs: wanted, actor: systemActor('fuzz') })
    const ids = submitted.map(({ id }) => id)
    // No worker runs here. The test itself takes jobs through their steps and ends them in different ways.
    const dispatched = await dispatchJobs(db, 'INLINE', 500)
    const running = await claimJobs(
      db,
      workerId,
      dispatched.filter(({ jobId }) => ids.includes(jobId)),
    )
    const [complete, dead, fail] = running
    if (complete && dead && fail)
      await finishAttempts(db, [
        ends.complete(complete, { result: { mark: MARKS[slug] } }),
        ends.dead(dead),
        ends.fail(fail),
      ])
    jobs.push(...ids)
  }
  known.set('job', jobs)
  known.set('organization', [world.acme, world.acme, world.globex])
  // Calls make more and more job types, so only some are taken.
  const types = await db.jobType.findMany({ select: { name: true }, take: 20, orderBy: { name: 'desc' } })
  known.set(
    'jobType',
    types.map(({ name }) => name),
  )
}
