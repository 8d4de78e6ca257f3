import { setTimeout as sleep } from 'node:timers/promises'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  ANY_CREW,
  dispatchRound,
  pause,
  resume,
  resumeOrganization,
  returnToPending,
  submitJobs,
  suspendOrganization,
} from '@/server/engine'
import { createLogger } from '@/server/logger'
import { openWorld, tester, unique } from '@/testing/engine'
import { SignalListener } from '../signals'
import { HeldWork } from './held'
import { Walks } from './walks'

// What a dispatcher passes over, because a hold keeps it back, with real signals. Nothing sweeps here: what a walk after
// a signal does not find would be found later only by chance.

/** So many that a walk over their work takes several statements. */
const ORGANIZATIONS = 700
const { db, database } = await openWorld({ max: 10, workload: 'hotPath' })
const organizations = Array.from({ length: ORGANIZATIONS }, () => uuidv7()).sort()
const held = new HeldWork()
const walks = new Walks()
let signals = 0
let nowListening: () => void
const listening = new Promise<void>((resolve) => {
  nowListening = resolve
})
const listener = new SignalListener({
  databaseUrl: database.url,
  logger: createLogger('test', 'silent'),
  onWake: (organizationId) => {
    held.forget(organizationId)
    signals++
  },
  onCancel: () => undefined,
  onEndedOutside: () => undefined,
  onDrain: () => undefined,
  onReconnect: () => {
    held.forget()
    nowListening()
  },
})

const submit = (organizationId: string, jobType: string) =>
  submitJobs(db, { organizationId, actor: tester, jobs: [{ jobType, parameters: unique() }] })

beforeAll(async () => {
  await db.organization.createMany({
    data: organizations.map((id, n) => ({ id, name: `Many ${n}`, slug: `many-${n}` })),
  })
  for (let from = 0; from < ORGANIZATIONS; from += 10)
    await Promise.all(organizations.slice(from, from + 10).map((id) => submit(id, 'plain')))
  listener.start()
  await listening
})
afterAll(() => listener.stop())

/**
 * Walks over everything that waits, as a dispatcher does that was woken. Gives the jobs that it took, and how many
 * statements that needed.
 */
async function walk() {
  const taken = []
  let statements = 0
  let took = 0
  walks.somethingCame()
  while (took > 0 || walks.goesOn('INLINE')) {
    const round = await dispatchRound(db, { INLINE: 10 }, [], walks.turns, ANY_CREW, held.begin(['INLINE']))
    held.learn(round.held)
    walks.went(
      round.turns,
      (queue) => queue === 'INLINE',
      (queue) => round.taken[queue].length > 0,
    )
    taken.push(...round.taken.INLINE)
    took = round.taken.INLINE.length
    statements++
  }
  return { taken, statements, ids: taken.map(({ jobId }) => jobId) }
}

/** Runs something, and waits until its signal has arrived. */
async function signaled<T>(act: () => Promise<T>): Promise<T> {
  const before = signals
  const result = await act()
  await vi.waitFor(() => expect(signals).toBeGreaterThan(before))
  return result
}

const anyOrganization = () => organizations[Math.floor(Math.random() * ORGANIZATIONS)]!

test('work of a paused type is passed in one step, and a job of another type beside it starts all the same', async () => {
  await pause(db, { scope: { kind: 'jobType', name: 'plain' }, actor: tester, address: null })
  expect((await walk()).statements).toBeGreaterThan(2)
  expect(await walk()).toMatchObject({ statements: 1, ids: [] })
  for (let n = 0; n < 20; n++) {
    const [job] = await signaled(() => submit(anyOrganization(), 'zero'))
    expect((await walk()).ids).toEqual([job!.id])
  }
})

test('a job that comes while a dispatch walks over held work starts at the next walk at the latest', async () => {
  await pause(db, { scope: { kind: 'jobType', name: 'plain' }, actor: tester, address: null })
  for (let n = 0; n < 40; n++) {
    // Every second walk has forgotten what is held, and so takes several statements.
    if (n % 2) held.forget()
    const walking = walk()
    await sleep(30 * Math.random())
    const [job] = await signaled(() => submit(anyOrganization(), 'zero'))
    const first = await walking
    expect([...first.ids, ...(await walk()).ids]).toEqual([job!.id])
  }
})

test('an organization that is resumed while a dispatch walks over those that are suspended starts its job', async () => {
  await resume(db, { scope: { kind: 'jobType', name: 'plain' }, actor: tester, address: null })
  await db.organization.updateMany({ where: { id: { in: organizations } }, data: { status: 'SUSPENDED' } })
  held.forget()
  for (let n = 0; n < 40; n++) {
    if (n % 2) held.forget()
    const organizationId = anyOrganization()
    const walking = walk()
    await sleep(30 * Math.random())
    await signaled(() => resumeOrganization(db, { organizationId, actor: tester, address: null }))
    const taken = [...(await walking).taken, ...(await walk()).taken]
    const jobs = await db.job.findMany({ where: { id: { in: taken.map(({ jobId }) => jobId) } } })
    expect(jobs.map((job) => job.organizationId)).toEqual([organizationId])
    await suspendOrganization(db, { organizationId, actor: tester, address: null })
    await returnToPending(db, taken, 'Again')
  }
})

test('when a pause ends while a dispatch walks, all that it held back starts', async () => {
  await db.organization.updateMany({ where: { id: { in: organizations } }, data: { status: 'ACTIVE' } })
  for (let n = 0; n < 3; n++) {
    await pause(db, { scope: { kind: 'jobType', name: 'plain' }, actor: tester, address: null })
    held.forget()
    await walk()
    const walking = walk()
    await sleep(20 * Math.random())
    await signaled(() => resume(db, { scope: { kind: 'jobType', name: 'plain' }, actor: tester, address: null }))
    const taken = [...(await walking).taken, ...(await walk()).taken]
    expect(new Set(taken.map(({ jobId }) => jobId)).size).toBe(ORGANIZATIONS)
    await returnToPending(db, taken, 'Again')
  }
})

test('a job that comes back to an organization of held work, without a signal, starts at the next walk', async () => {
  await pause(db, { scope: { kind: 'jobType', name: 'plain' }, actor: tester, address: null })
  for (let n = 0; n < 10; n++) {
    const [job] = await signaled(() => submit(anyOrganization(), 'zero'))
    const { taken } = await walk()
    // This walk finds only held work in the organization, and remembers that.
    expect((await walk()).ids).toEqual([])
    expect(await returnToPending(db, taken, 'Again')).toBe(1)
    expect((await walk()).ids).toEqual([job!.id])
  }
})
