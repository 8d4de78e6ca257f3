import { v7 as uuidv7 } from 'uuid'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { WaitingCode } from '../domain/waiting-codes'
import type { HoldName } from '../domain/waiting-facts'
import { clearJobs, ends, finish, history, openWorld, start, tester, unique, workerId } from '@/testing/engine'
import {
  beat,
  changeJobType,
  claimJobs,
  closeCircuit,
  createJobType,
  dispatchJobs,
  explainJob,
  pause,
  registerWorker,
  resume,
  resumeOrganization,
  submitJob,
  suspendOrganization,
  sweepCircuits,
  syncHandlers,
  type PauseTarget,
} from '../index'
import { crewOf, type Crew } from '../domain/crew'
import { checkInvariants } from '../invariants'
import { HOLDS } from './holds'

// The dispatcher, the claim and explain ask the same table of holds in three statements. Here each hold is brought
// about in the way in which it really arises, and the three must agree on it.

const { db, world } = await openWorld({ max: 4 })
const by = { actor: tester, address: null }

/** The organization of a test. Each test has its own, with two job types. */
let organizationId: string
let jobType: string
let otherType: string

/** The only worker: it takes one pool, and has these handlers. */
let crew: Crew
const WHOLE = crewOf(['default'], ['sample.noop', 'sample.other'])

/** Another worker takes the place of the one that was there, as at a restart with other settings. */
async function becomes(next: Crew): Promise<void> {
  crew = next
  await db.$executeRaw`UPDATE workers SET pools = ${[...crew.pools!]}, handlers = ${[...crew.handlers!]}, crew = ${crew.name}`
}

beforeAll(async () => {
  await registerWorker(db, { id: workerId, host: 'test', pid: 1, isolatedSlots: 0, inlineSlots: 100, crew: WHOLE })
  await syncHandlers(db, [
    { key: 'sample.noop', queue: 'INLINE' },
    { key: 'sample.other', queue: 'INLINE' },
  ])
})
beforeEach(async () => {
  await becomes(WHOLE)
  organizationId = uuidv7()
  await db.organization.create({ data: { id: organizationId, name: 'Acme', slug: `acme-${organizationId}` } })
  jobType = `held.${organizationId}`
  otherType = `other.${organizationId}`
  for (const name of [jobType, otherType]) {
    const type = { name, displayName: name, handler: 'sample.noop', parameterSchema: { type: 'object' } }
    await createJobType(db, { ...by, type: { ...type, maxRetries: 0 } })
  }
})
afterEach(async () => {
  expect(await checkInvariants(db)).toEqual([])
  await clearJobs(db)
})

interface Case {
  title: string
  /** The code by which explain names the hold. */
  code: WaitingCode
  /** True where jobs of other types in the same organization go on. */
  othersPass: boolean
  /** What has to happen before the job that is to be held exists. */
  prepare?: () => Promise<unknown>
  on: () => Promise<unknown>
  off: () => Promise<unknown>
}

/** Every hold has at least one case. The compiler asks for one when a hold is added. */
const CASES: Record<HoldName, [Case, ...Case[]]> = {
  suspended: [
    {
      title: 'its organization is suspended',
      code: 'ORGANIZATION_SUSPENDED',
      othersPass: false,
      on: () => suspendOrganization(db, { ...by, organizationId }),
      off: () => resumeOrganization(db, { ...by, organizationId }),
    },
  ],
  disabled: [
    {
      title: 'its job type is disabled',
      code: 'JOB_TYPE_DISABLED',
      othersPass: true,
      on: () => changeJobType(db, { ...by, name: jobType, changes: { enabled: false } }),
      off: () => changeJobType(db, { ...by, name: jobType, changes: { enabled: true } }),
    },
  ],
  paused: [
    pauseOf('the platform is paused', false, () => ({ kind: 'platform' })),
    pauseOf('its organization is paused', false, () => ({ kind: 'organization', organizationId })),
    pauseOf('its job type is paused', true, () => ({ kind: 'jobType', name: jobType })),
  ],
  circuit: [
    {
      title: 'its circuit is open',
      code: 'CIRCUIT_OPEN',
      othersPass: true,
      prepare: async () => {
        // Ten outcomes are the fewest that open a circuit.
        for (let n = 1; n <= 10; n++) await finish(world, ends.dead(await start(world, (await submit()).id)))
      },
      on: () => sweepCircuits(db),
      off: () => closeCircuit(db, { ...by, jobType, organizationId }),
    },
  ],
  pool: [
    {
      title: 'no worker takes the pool of its type',
      code: 'NO_WORKER',
      othersPass: true,
      on: () => changeJobType(db, { ...by, name: jobType, changes: { pool: 'reports' } }),
      off: () => changeJobType(db, { ...by, name: jobType, changes: { pool: 'default' } }),
    },
  ],
  handler: [
    {
      title: 'no worker has the handler of its version',
      code: 'HANDLER_MISSING',
      othersPass: true,
      prepare: () => changeJobType(db, { ...by, name: jobType, changes: { handler: 'sample.other' } }),
      on: () => becomes(crewOf(['default'], ['sample.noop'])),
      off: () => becomes(WHOLE),
    },
  ],
}

function pauseOf(title: string, othersPass: boolean, scope: () => PauseTarget): Case {
  const target = () => ({ ...by, scope: scope() })
  return { title, code: 'PAUSED', othersPass, on: () => pause(db, target()), off: () => resume(db, target()) }
}

const submit = (type = jobType) =>
  submitJob(db, { organizationId, job: { jobType: type, parameters: unique() }, actor: tester })
const dispatch = () => dispatchJobs(db, 'INLINE', 100, [], crew)
async function codes(jobId: string): Promise<WaitingCode[]> {
  // Without this, explain would also say that no worker is alive.
  await beat(db, workerId, false)
  return (await explainJob(db, jobId, { organizationIds: [organizationId] })).reasons.map(({ code }) => code)
}

const cases = (Object.entries(CASES) as [HoldName, Case[]][]).flatMap(([name, some]) =>
  some.map((one): [string, Case, HoldName] => [one.title, one, name]),
)

test.each(cases)('while %s, the dispatcher leaves a waiting job alone, and explain names the hold', async (_, hold) => {
  await hold.prepare?.()
  const { id } = await submit()
  await hold.on()
  expect(await dispatch()).toEqual([])
  expect(await codes(id)).toContain(hold.code)
  await hold.off()
  expect(await codes(id)).toEqual(['READY'])
  expect(await dispatch()).toMatchObject([{ jobId: id }])
})

test.each(cases)('while %s, a job that was QUEUED before goes back instead of starting', async (_, hold, name) => {
  await hold.prepare?.()
  const { id } = await submit()
  const before = await dispatch()
  await hold.on()
  expect(await claimJobs(db, workerId, before, crew)).toEqual([])
  expect(await history(world, id)).toEqual(['PENDING', 'QUEUED', 'PENDING'])
  const last = await db.executionLog.findFirst({ where: { jobId: id }, orderBy: { id: 'desc' } })
  expect(last).toMatchObject({ message: HOLDS[name].message })
  await hold.off()
  expect(await claimJobs(db, workerId, await dispatch(), crew)).toMatchObject([{ jobId: id, attempt: 1 }])
})

test.each(cases)(
  'while %s, explain says that a job of another type waits behind the held one only where that other type is held, too',
  async (_, hold) => {
    await hold.prepare?.()
    await submit()
    const { id } = await submit(otherType)
    expect(await codes(id)).toEqual(['BEHIND'])
    await hold.on()
    expect(await codes(id)).toEqual(hold.othersPass ? ['READY'] : [hold.code, 'BEHIND'])
    expect(await dispatch()).toHaveLength(hold.othersPass ? 1 : 0)
    await hold.off()
  },
)
