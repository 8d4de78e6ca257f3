import fc from 'fast-check'
import type { Db } from '@/server/db'
import { ends, finish, refusal, tester, workerId, type World } from '@/testing/engine'
import {
  cancelJob,
  claimJobs,
  deleteJob,
  dispatchJobs,
  finishAttempts,
  pause,
  rescueLost,
  resume,
  resumeOrganization,
  retryJob,
  returnToPending,
  submitJob,
  suspendOrganization,
  sweepDependents,
  updateJob,
  type Claimed,
} from '../index'
import type { JobChanges } from '../domain/job-changes'
import { checkInvariants } from '../invariants'
import type { End, Model, ModelJob, PauseScope, TypeName } from './model'

/** The engine, and the claims that workers of this run hold. */
export interface Real extends World {
  claims: Map<string, Claimed>
}
type Command = fc.AsyncCommand<Model, Real>

/** One command, and after it everything that the model knows is compared. */
function command(
  name: string,
  check: (model: Model) => boolean,
  run: (model: Model, real: Real) => Promise<void>,
): Command {
  return {
    check,
    async run(model, real) {
      await run(model, real)
      await agree(model, real)
    },
    toString: () => name,
  }
}

/** One of the list, the same for the same seed: the jobs that exist are known only when a command runs. */
const pick = <T>(list: readonly T[], seed: number): T => list[seed % list.length]!
const idsWithStatus = (status: ModelJob['status']) => (model: Model) => model.ids((job) => job.status === status)
const allIds = (model: Model) => model.ids()
const seed = fc.nat(1000)

/** A command about one of the jobs that `list` yields. */
const about = (
  name: string,
  list: (model: Model) => string[],
  run: (id: string, model: Model, real: Real) => Promise<void>,
) =>
  seed.map((n) =>
    command(
      `${name}#${n}`,
      (model) => list(model).length > 0,
      (model, real) => run(pick(list(model), n), model, real),
    ),
  )

/** The engine refuses with this reason, or does it. */
async function expectRefusal(work: Promise<unknown>, reason: string | undefined): Promise<void> {
  if (reason === undefined) return void (await work)
  const refused = await refusal(work)
  if (refused.reason !== reason) throw new Error(`refused with ${refused.reason}, and the model says ${reason}`)
}

const submit = fc
  .record({
    type: fc.constantFrom<TypeName>('plain', 'zero'),
    same: fc.nat(4),
    dedupe: fc.boolean(),
    parents: fc.array(seed, { maxLength: 2 }),
    /** Of which of its parents it only wants that they end. */
    ended: fc.array(fc.boolean(), { minLength: 2, maxLength: 2 }),
  })
  .map(({ type, same, dedupe, parents, ended }) =>
    command(
      `submit ${type} ${same} ${dedupe} ${parents.join()} ${ended.join()}`,
      () => true,
      async (model, real) => {
        const ids = allIds(model)
        const chosen = ids.length > 0 ? [...new Set(parents.map((n) => pick(ids, n)))] : []
        const given = {
          type,
          hash: dedupe ? `${type} ${same}` : null,
          parents: chosen,
          ended: chosen.filter((_, n) => ended[n]),
        }
        const expected = model.refusesSubmission(given)
        const dependsOn = chosen.map((id) => (given.ended.includes(id) ? { job: id, on: 'ended' as const } : id))
        const job = { jobType: type, parameters: { same }, dedupe, dependsOn }
        const work = submitJob(real.db, { organizationId: real.organizationId, job, actor: tester })
        await expectRefusal(work, expected)
        if (expected === undefined) model.submit((await work).id, given)
      },
    ),
  )

const dispatch = fc.constant(
  command(
    'dispatch',
    () => true,
    async (model, real) => {
      const taken = new Set<string>()
      // Until a call gives nothing, so that all that may be dispatched is.
      for (
        let got = await dispatchJobs(real.db, 'INLINE', 500);
        got.length > 0;
        got = await dispatchJobs(real.db, 'INLINE', 500)
      ) {
        for (const { jobId } of got) taken.add(jobId)
      }
      expectSame('dispatched', [...taken].sort(), model.eligible().sort())
      for (const id of taken) model.dispatch(id)
    },
  ),
)

/** The same message twice: the second finds nothing. */
const claim = about('claim', idsWithStatus('QUEUED'), async (jobId, model, real) => {
  const message = { jobId, dispatch: model.job(jobId).dispatch }
  const claimed = [
    ...(await claimJobs(real.db, workerId, [message])),
    ...(await claimJobs(real.db, workerId, [message])),
  ]
  model.claim(jobId)
  expectSame('claimed', claimed.length, model.job(jobId).status === 'RUNNING' ? 1 : 0)
  if (claimed[0]) real.claims.set(jobId, claimed[0])
})

/** A message of an earlier dispatch, or of a job that is not QUEUED. Its claim gets nothing. */
const staleClaim = about('stale claim', allIds, async (jobId, model, real) => {
  const { dispatch: now, status } = model.job(jobId)
  // A job that was dispatched once has no earlier message.
  if (status === 'QUEUED' && now < 2) return
  expectSame(
    'claimed by an old message',
    (await claimJobs(real.db, workerId, [{ jobId, dispatch: status === 'QUEUED' ? now - 1 : now }])).length,
    0,
  )
})

const end = (kind: End) =>
  fc.tuple(seed, fc.boolean()).map(([n, due]) =>
    command(
      `${kind}#${n}${due ? '' : ' later'}`,
      (model) => idsWithStatus('RUNNING')(model).length > 0,
      async (model, real) => {
        const id = pick(idsWithStatus('RUNNING')(model), n)
        const claimed = real.claims.get(id)!
        const outcome =
          kind === 'fail' || kind === 'timeOut' ? ends[kind](claimed, due ? 0 : 3600) : ends[kind](claimed)
        expectSame('settled', await finish(real, outcome), model.end(id, kind, due))
      },
    ),
  )

/** Reports of attempts that are over: all of them refused, nothing changed. */
const lateReport = about(
  'late report',
  (model) => model.ids((job) => job.attempt > 0),
  async (id, model, real) => {
    const claimed = real.claims.get(id)
    if (!claimed || (model.job(id).status === 'RUNNING' && claimed.attempt === model.job(id).attempt)) return
    const reports = [ends.complete(claimed), ends.fail(claimed, 0), ends.dead(claimed), ends.handBack(claimed)]
    expectSame(
      'late reports',
      await finishAttempts(real.db, reports),
      reports.map(() => 'refused'),
    )
  },
)

const loseLease = about('lose the lease', idsWithStatus('RUNNING'), async (id, model, real) => {
  await real.db
    .$executeRaw`UPDATE jobs SET lease_until = clock_timestamp() - interval '1 second' WHERE id = ${id}::uuid`
  // Nothing counts as lost within a lease length of PostgreSQL's start.
  for (let tries = 0; (await rescueLost(real.db)) === 0; tries++) {
    if (tries > 200) throw new Error('an attempt without a lease is not rescued')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  model.loseLease(id)
})

const loseMessage = about('lose the message', idsWithStatus('QUEUED'), async (jobId, model, real) => {
  const { dispatch: number } = model.job(jobId)
  // Any other number than that of its dispatch changes nothing.
  expectSame(
    'returned for an old dispatch',
    await returnToPending(real.db, [{ jobId, dispatch: number + 1 }], 'Its message was lost'),
    0,
  )
  expectSame('returned', await returnToPending(real.db, [{ jobId, dispatch: number }], 'Its message was lost'), 1)
  Object.assign(model.job(jobId), { status: 'PENDING' }).history.push('PENDING')
})

const becomeDue = about(
  'become due',
  (model) => model.ids((job) => !job.due || job.scheduled),
  async (id, model, real) => {
    // An hour is more than the head start of any priority.
    await real.db.$executeRaw`
    UPDATE jobs SET run_at = clock_timestamp(), rank_at = clock_timestamp() - interval '1 hour',
      next_retry_at = CASE WHEN next_retry_at IS NOT NULL THEN clock_timestamp() END WHERE id = ${id}::uuid`
    Object.assign(model.job(id), { due: true, scheduled: false })
  },
)

const cancel = about('cancel', allIds, (jobId, model, real) =>
  expectRefusal(cancelJob(real.db, { jobId, actor: tester }), model.cancel(jobId)),
)
const retry = about('retry', allIds, (jobId, model, real) =>
  expectRefusal(retryJob(real.db, { jobId, actor: tester }), model.retry(jobId)),
)
let nth = 0
const change = fc
  .tuple(
    seed,
    fc.constantFrom('priority' as const, 'earlier' as const, 'later' as const, 'parameters' as const),
    fc.nat(4),
  )
  .map(([n, what, value]) =>
    command(
      `change ${what} ${value}#${n}`,
      (model) => allIds(model).length > 0,
      async (model, real) => {
        const jobId = pick(allIds(model), n)
        const { type } = model.job(jobId)
        // A change that changes nothing writes no history row, so the timeout is another one each time.
        const kinds: Record<typeof what, JobChanges> = {
          priority: { priority: value % 2 ? 'HIGH' : 'LOW', timeoutSeconds: 1_000 + ++nth },
          earlier: { runAt: new Date(0), timeoutSeconds: 1_000 + ++nth },
          later: { runAt: new Date(Date.now() + 86_400_000), timeoutSeconds: 1_000 + ++nth },
          parameters: { parameters: { same: value }, timeoutSeconds: 1_000 + ++nth },
        }
        const meant = {
          earlier: { later: false },
          later: { later: true },
          parameters: { hash: `${type} ${value}` },
          priority: {},
        }[what]
        await expectRefusal(
          updateJob(real.db, { jobId, changes: kinds[what], actor: tester }),
          model.update(jobId, meant),
        )
      },
    ),
  )
const remove = about('delete', allIds, (jobId, model, real) =>
  expectRefusal(deleteJob(real.db, { jobId, actor: tester, address: null }), model.delete(jobId)),
)

const pauseOrResume = fc.constantFrom<PauseScope>('platform', 'plain', 'organization').map((scope) =>
  command(
    `pause or resume ${scope}`,
    () => true,
    async (model, real) => {
      const which = {
        platform: { kind: 'platform' },
        plain: { kind: 'jobType', name: 'plain' },
        organization: { kind: 'organization', organizationId: real.organizationId },
      } as const
      const given = { scope: which[scope], actor: tester, address: null }
      if (model.paused.delete(scope)) await resume(real.db, given)
      else {
        await pause(real.db, { ...given, reason: 'model' })
        model.paused.add(scope)
      }
    },
  ),
)

const suspendOrResume = fc.constant(
  command(
    'suspend or resume',
    () => true,
    async (model, real) => {
      const given = { organizationId: real.organizationId, actor: tester, address: null }
      await (model.suspended ? resumeOrganization(real.db, given) : suspendOrganization(real.db, given))
      model.suspended = !model.suspended
    },
  ),
)

const disableOrEnable = fc.constantFrom<TypeName>('plain', 'zero').map((name) =>
  command(
    `disable or enable ${name}`,
    () => true,
    async (model, real) => {
      const enabled = model.disabled.delete(name)
      if (!enabled) model.disabled.add(name)
      await real.db.jobType.update({ where: { name }, data: { enabled } })
    },
  ),
)

/** Finds nothing to do: what it is for is done at once where nothing races. */
const sweep = fc.constant(
  command(
    'sweep',
    () => true,
    async (_, { db }) => expectSame('swept', await sweepDependents(db), { released: 0, dead: 0 }),
  ),
)

/** Work comes more often than interference, so that runs get somewhere. */
export const commands = [
  submit,
  submit,
  submit,
  dispatch,
  dispatch,
  dispatch,
  claim,
  claim,
  claim,
  end('complete'),
  end('complete'),
  end('fail'),
  end('timeOut'),
  end('dead'),
  end('handBack'),
  becomeDue,
  cancel,
  change,
  change,
  retry,
  retry,
  loseLease,
  loseMessage,
  lateReport,
  staleClaim,
  remove,
  pauseOrResume,
  suspendOrResume,
  disableOrEnable,
  sweep,
]

/** Statuses, counters, claims and history of every job are what the model says. */
async function agree(model: Model, real: Real): Promise<void> {
  const rows = await real.db.job.findMany({ where: { organizationId: real.organizationId }, orderBy: { id: 'asc' } })
  const view = (
    id: string,
    job: Pick<ModelJob, 'status' | 'dispatch' | 'attempt' | 'failures' | 'lost'>,
    cause: string | null,
    open: number,
  ) =>
    `${id} ${job.status} dispatch ${job.dispatch} attempt ${job.attempt} failures ${job.failures} lost ${job.lost}${cause === null ? '' : ` of ${cause}`} waits for ${open}`
  // Only a PENDING job waits for parents. One that has ended does not follow them any more, and keeps its number.
  const waits = (status: string, open: number) => (status === 'PENDING' ? open : 0)
  expectSame(
    'jobs',
    rows.map((row) => view(row.id, row, row.causeJobId, waits(row.status, row.pendingParents))),
    model
      .ids()
      .sort()
      .map((id) =>
        view(id, model.job(id), model.job(id).cause, waits(model.job(id).status, model.open(model.job(id)).length)),
      ),
  )
  expectSame(
    'histories',
    await histories(real.db, model.ids()),
    Object.fromEntries(
      model
        .ids()
        .sort()
        .map((id) => [id, model.job(id).history.join(' ')]),
    ),
  )
  for (const id of model.ids()) {
    const { hash, type, status } = model.job(id)
    const claimed = await real.db.dedupeClaim.findFirst({ where: { jobId: id, heldUntil: { gt: new Date() } } })
    const holds =
      hash !== null &&
      (['PENDING', 'QUEUED', 'RUNNING', 'FAILED', 'TIMED_OUT'].includes(status) ||
        (status === 'COMPLETED' && model.holder(hash, type) === id))
    expectSame(`hash of ${id} (${status})`, claimed !== null, holds)
  }
  expectSame('invariants', await checkInvariants(real.db, { quiet: true }), [])
}

async function histories(db: Db, ids: readonly string[]): Promise<Record<string, string>> {
  const rows = await db.executionLog.findMany({
    where: { jobId: { in: [...ids] } },
    orderBy: [{ jobId: 'asc' }, { id: 'asc' }],
  })
  const all: Record<string, string> = {}
  for (const { jobId, toStatus } of rows) all[jobId] = all[jobId] ? `${all[jobId]} ${toStatus}` : toStatus
  return all
}

function expectSame(what: string, actual: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(actual, undefined, 1), JSON.stringify(expected, undefined, 1)]
  if (a !== b) throw new Error(`${what}: the engine has ${a}, the model ${b}`)
}
