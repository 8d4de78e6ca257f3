import { expect, test } from 'vitest'
import { JOB_STATUSES } from './state'
import type { WaitingFacts } from './waiting-facts'
import { waitingReasons } from './waiting-reasons'

const now = new Date('2026-03-01T12:00:00Z')
const inSeconds = (seconds: number) => new Date(now.getTime() + seconds * 1000)

/** The facts of a job that nothing holds back. */
function facts({
  job,
  ...over
}: Partial<Omit<WaitingFacts, 'job'>> & { job?: Partial<WaitingFacts['job']> } = {}): WaitingFacts {
  return {
    now,
    job: {
      id: 'this',
      status: 'PENDING',
      organizationId: 'acme',
      jobType: 'letters',
      queue: 'INLINE',
      pool: 'default',
      dueAt: now,
      queuedAt: null,
      failures: 0,
      maxRetries: 5,
      error: null,
      ...job,
    },
    organization: { status: 'ACTIVE', suspendedAt: null, suspendReason: null },
    typeEnabled: true,
    pauses: [],
    parents: { count: 0, named: [] },
    circuit: null,
    limits: [],
    missingHandler: null,
    workers: { live: 1, draining: 0, elsewhere: 0 },
    load: { queued: 0, running: 0, slots: 4 },
    kept: { slots: 0, underWay: 0 },
    before: { jobs: 0, capped: false },
    ...over,
  }
}
const messages = (given: WaitingFacts) => waitingReasons(given).map(({ message }) => message)
const codes = (given: WaitingFacts) => waitingReasons(given).map(({ code }) => code)

test.each(JOB_STATUSES)('a job in status %s: one that waits always has a reason, and any other never has', (status) => {
  const waits = ['PENDING', 'QUEUED', 'FAILED', 'TIMED_OUT'].includes(status)
  expect(waitingReasons(facts({ job: { status } })).length > 0).toBe(waits)
})

test.each([
  [1, 'in 1 s'],
  [59, 'in 59 s'],
  [60, 'in 1 min'],
  [125, 'in 2 min 5 s'],
  [3_600, 'in 1 h'],
  [3_605, 'in 1 h'],
  [7_500, 'in 2 h 5 min'],
  [90_000, 'in 1 d 1 h'],
])('a delay of %i seconds is written as "%s"', (seconds, text) => {
  const [message] = messages(facts({ job: { dueAt: inSeconds(seconds) } }))
  expect(message).toMatch(new RegExp(` UTC, ${text}\\.$`))
})

test('a job that timed out is told so while it waits for its retry, and that nothing holds it when the retry is due', () => {
  const waits = facts({ job: { status: 'TIMED_OUT', failures: 2, dueAt: inSeconds(60) } })
  expect(messages(waits)).toEqual([
    'Its last attempt timed out. Retry 2 of at most 5 starts at 2026-03-01 12:01:00 UTC, in 1 min.',
  ])
  expect(codes(facts({ job: { status: 'TIMED_OUT', dueAt: now } }))).toEqual(['READY'])
})

test('a job\'s place in line is given as a number, as "more than" a number, or as a busy queue', () => {
  expect(messages(facts({ before: { jobs: 1, capped: false } }))[0]).toMatch(/^1 job of its organization comes first\./)
  expect(messages(facts({ before: { jobs: 10_000, capped: true } }))[0]).toMatch(
    /^More than 10,000 jobs of its organization come first\./,
  )
  expect(messages(facts({ load: { queued: 3, running: 4, slots: 4 } }))).toEqual([
    'It is the next of its organization. 4 of 4 slots are busy, and 3 jobs are in the queue.',
  ])
  // A job that may not start yet has no place in line.
  expect(codes(facts({ job: { dueAt: inSeconds(5) }, before: { jobs: 7, capped: false } }))).toEqual(['SCHEDULED'])
  expect(codes(facts({ parents: { count: 1, named: [] }, before: { jobs: 7, capped: false } }))).toEqual([
    'WAITING_FOR_PARENTS',
  ])
})

test('a limit is given as a reason from the moment at which it is reached', () => {
  const limited = (inUse: number) => codes(facts({ limits: [{ of: 'organization', limit: 3, inUse }] }))
  expect([limited(2), limited(3), limited(4)]).toEqual([['READY'], ['CONCURRENCY_LIMIT'], ['CONCURRENCY_LIMIT']])
})

test('a job that is the trial of an open circuit is not held back by that circuit', () => {
  const circuit = {
    state: 'HALF_OPEN' as const,
    openedAt: inSeconds(-1000),
    failures: 6,
    outcomes: 10,
    trialMayStartAt: inSeconds(-100),
    trialJobId: 'this',
  }
  expect(messages(facts({ circuit }))[0]).toContain('One job may try now.')
  expect(messages(facts({ circuit: { ...circuit, trialJobId: 'other' } }))[0]).toContain('Job other tries now')
})

test('a job whose organization has others under way is told of the kept slot, and one whose organization has none is not', () => {
  const load = { queued: 0, running: 3, slots: 4 }
  const waits = facts({ load, kept: { slots: 1, underWay: 3 } })
  expect(codes(waits)).toEqual(['SLOTS_KEPT'])
  expect(messages(waits)[0]).toMatch(
    /^The last of 4 slots is kept for organizations with nothing under way, and its organization has 3 jobs under way/,
  )
  expect(codes(facts({ load, kept: { slots: 1, underWay: 0 } }))).toEqual(['READY'])
  // Where somebody else has the kept slot, or more lies in the queue, it is the kept slot all the same that holds it.
  expect(codes(facts({ load: { ...load, running: 4 }, kept: { slots: 1, underWay: 3 } }))).toEqual(['SLOTS_KEPT'])
  const before = { jobs: 5, capped: false }
  expect(codes(facts({ load: { ...load, queued: 6 }, kept: { slots: 1, underWay: 9 }, before }))).toEqual([
    'SLOTS_KEPT',
    'BEHIND',
  ])
})

test('a job in the queue is told of the kept slot while no other is free and its organization has others under way', () => {
  const inQueue = (running: number, underWay: number) =>
    codes(
      facts({
        job: { status: 'QUEUED' },
        load: { queued: 1, running, slots: 4 },
        kept: { slots: 1, underWay },
      }),
    )
  expect(inQueue(3, 4)).toEqual(['SLOTS_KEPT', 'QUEUED'])
  // The one job under way is this one.
  expect(inQueue(3, 1)).toEqual(['QUEUED'])
  // Another slot is free, or none is.
  expect(inQueue(2, 3)).toEqual(['QUEUED'])
  expect(inQueue(4, 4)).toEqual(['QUEUED'])
})

test('a job whose pool no live worker takes says which pool that is, and how to start one', () => {
  const job = { pool: 'reports' }
  expect(messages(facts({ job, workers: { live: 0, draining: 0, elsewhere: 2 } }))[0]).toBe(
    'No worker of pool reports is alive that takes in-thread jobs. Start one with `WORKER_POOLS=reports npm run worker`, or change the pool of the job type.',
  )
  expect(messages(facts({ job, workers: { live: 0, draining: 0, elsewhere: 0 } }))[0]).toBe(
    'No worker is alive that takes in-thread jobs. Start one with `npm run worker`.',
  )
})
