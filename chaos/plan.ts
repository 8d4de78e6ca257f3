import { COUNTED } from './job-types'
import type { Random } from './random'
import type { Tenant } from './tenants'

/** One job as the API takes it. */
export interface Submission {
  jobType: string
  parameters: Record<string, string | number>
  idempotencyKey: string
  ref?: string
  dependsOn?: (string | { job: string; on: 'ended' })[]
  runAt?: string
  maxRetries?: number
  timeoutSeconds?: number
  priority?: 'LOW' | 'NORMAL' | 'HIGH' | 'CRITICAL'
}

/** How a job ends when nobody touches it. WAITING: not within this campaign. */
export type Expected = 'COMPLETED' | 'DEAD_LETTER' | 'CANCELED' | 'WAITING'

/** What is submitted together: one job, or a batch. */
export interface Unit {
  kind: Kind
  tenant: Tenant
  jobs: Submission[]
  expected: Expected[]
}

export type Kind = keyof typeof KINDS

type Draft = Omit<Submission, 'idempotencyKey'> & { expect?: Expected }
const quick = (ms: number, more: Partial<Draft> = {}): Draft => ({
  jobType: 'chaos.quick',
  parameters: { ms },
  ...more,
})
const thread = (ms: number, more: Partial<Draft> = {}): Draft => ({
  jobType: 'chaos.thread',
  parameters: { ms },
  ...more,
})
const PERMANENT = { ms: 5, end: 'permanent' }

/**
 * What is submitted, and how often (weights). Most of every job type succeeds: else its circuit
 * would open and hold back what has to end. `chaos.broken` is there to open one.
 */
const KINDS = {
  quick: {
    weight: 46,
    make: (r: Random) => [quick(r.int(1, 60), { priority: r.pick(['LOW', 'NORMAL', 'HIGH', 'CRITICAL'] as const) })],
  },
  thread: { weight: 10, make: (r: Random) => [thread(r.int(5, 150))] },
  slow: { weight: 6, make: (r: Random) => [(r.chance(0.5) ? quick : thread)(r.int(1_000, 4_000))] },
  flaky: { weight: 3, make: (r: Random) => [quick(5, { parameters: { ms: 5, failAttempts: r.int(1, 3) } })] },
  failing: { weight: 2, make: () => [quick(5, { parameters: PERMANENT, expect: 'DEAD_LETTER' })] },
  late: { weight: 1, make: () => [quick(60_000, { timeoutSeconds: 1, maxRetries: 1, expect: 'DEAD_LETTER' })] },
  deaf: {
    weight: 0.3,
    make: () => [thread(0, { parameters: { end: 'hang' }, timeoutSeconds: 1, maxRetries: 0, expect: 'DEAD_LETTER' })],
  },
  spin: { weight: 0.3, make: () => [thread(0, { parameters: { end: 'spin' }, expect: 'CANCELED' })] },
  chain: {
    weight: 2,
    make: () => [quick(10, { ref: 'a' }), thread(10, { ref: 'b', dependsOn: ['a'] }), quick(10, { dependsOn: ['b'] })],
  },
  diamond: {
    weight: 2,
    make: () => [
      quick(10, { ref: 'a' }),
      quick(30, { ref: 'b', dependsOn: ['a'] }),
      thread(10, { ref: 'c', dependsOn: ['a'] }),
      quick(5, { dependsOn: ['b', 'c'] }),
    ],
  },
  doomed: {
    weight: 1,
    make: () => [
      quick(5, { parameters: PERMANENT, ref: 'a', expect: 'DEAD_LETTER' }),
      quick(5, { ref: 'b', dependsOn: ['a'], expect: 'DEAD_LETTER' }),
      quick(5, { dependsOn: ['b'], expect: 'DEAD_LETTER' }),
    ],
  },
  finally: {
    weight: 1,
    make: () => [
      quick(5, { parameters: PERMANENT, ref: 'a', expect: 'DEAD_LETTER' }),
      thread(5, { ref: 'b', dependsOn: [{ job: 'a', on: 'ended' }] }),
      quick(5, { dependsOn: ['b'] }),
    ],
  },
  batch: { weight: 2, make: (r: Random) => Array.from({ length: r.int(5, 20) }, () => quick(r.int(1, 30))) },
  duplicates: { weight: 2, make: () => [quick(20), quick(20), quick(20)] },
  narrow: { weight: 6, make: (r: Random) => [{ jobType: 'chaos.narrow', parameters: { ms: r.int(20, 150) } }] },
  counted: { weight: 3, make: () => [{ jobType: 'chaos.counted', parameters: { ms: 5 } }] },
  scheduled: {
    weight: 2,
    make: (r: Random) => [quick(5, { runAt: new Date(Date.now() + r.int(500, 5_000)).toISOString() })],
  },
  far: {
    weight: 0.5,
    make: () => [quick(5, { runAt: new Date(Date.now() + 86_400_000).toISOString(), expect: 'WAITING' })],
  },
  files: {
    weight: 2,
    make: (r: Random) => [(r.chance(0.5) ? quick : thread)(100, { parameters: { ms: 100, artifacts: 2 } })],
  },
  children: {
    weight: 1,
    make: (r: Random) => [(r.chance(0.5) ? quick : thread)(50, { parameters: { ms: 50, children: 3 } })],
  },
} satisfies Record<string, { weight: number; make: (random: Random) => Draft[] }>

/** How many jobs a burst has: so many that the rate limit is reached. There is a burst for each `JOBS_PER_BURST` jobs. */
const BURST = COUNTED.count + 4
const JOBS_PER_BURST = 500
/** Enough failures to open a circuit. */
const BROKEN = 14

/**
 * Plans at least this many jobs, in random order, with at least one unit of each kind. They are more, because batches
 * are not cut, and the bursts and the failing jobs of `chaos.broken` come on top.
 */
export function planMixed(random: Random, tenants: readonly Tenant[], jobs: number): Unit[] {
  const kinds = Object.keys(KINDS) as Kind[]
  const total = kinds.reduce((sum, kind) => sum + KINDS[kind].weight, 0)
  const units = kinds.map((kind) => unit(kind, random, tenants))
  let count = units.reduce((sum, { jobs: some }) => sum + some.length, 0)
  while (count < jobs) {
    let at = random.next() * total
    const kind = kinds.find((each) => (at -= KINDS[each].weight) < 0) ?? 'quick'
    const next = unit(kind, random, tenants)
    units.push(next)
    count += next.jobs.length
  }
  const bursts = Array.from({ length: Math.ceil(jobs / JOBS_PER_BURST) }, () => {
    const tenant = random.pick(tenants)
    return Array.from({ length: BURST }, () => finished('counted', tenant, KINDS.counted.make()))
  })
  const broken = Array.from({ length: BROKEN }, () =>
    finished('failing', tenants[0]!, [
      { jobType: 'chaos.broken', parameters: { ms: 5, end: 'transient' }, expect: 'DEAD_LETTER' },
    ]),
  )
  return random.shuffle([...units.map((each) => [each]), ...bursts, broken]).flat()
}

/** Nothing but jobs of 150 ms, a third of them in threads. */
export function planPlain(tenants: readonly Tenant[], jobs: number): Unit[] {
  return Array.from({ length: jobs }, (_, n) =>
    finished('quick', tenants[n % tenants.length]!, [n % 3 ? quick(150) : thread(150)]),
  )
}

const unit = (kind: Kind, random: Random, tenants: readonly Tenant[]): Unit =>
  finished(kind, random.pick(tenants), KINDS[kind].make(random))

let serial = 0
function finished(kind: Kind, tenant: Tenant, drafts: Draft[]): Unit {
  const same = ++serial
  const jobs = drafts.map(({ expect: _, ...draft }) => {
    // A number of its own in the parameters keeps a job from being a duplicate. Those of the kind `duplicates` share
    // one.
    const n = kind === 'duplicates' ? same : ++serial
    return { ...draft, parameters: { ...draft.parameters, n }, idempotencyKey: `${kind}-${++serial}` }
  })
  return { kind, tenant, jobs, expected: drafts.map(({ expect = 'COMPLETED' }) => expect) }
}
