import { Client } from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { afterEach, expect, test } from 'vitest'
import { dispatch, openWorld, refusal, submit, tester } from '@/testing/engine'
import {
  changeJobType,
  closeCircuit,
  deleteOrganization,
  listPauses,
  pause,
  resume,
  resumeOrganization,
  suspendOrganization,
  type DbOrTx,
  type PauseTarget,
} from '../../index'
import { checkInvariants } from '../../invariants'
import { CHANNELS } from '../../store/signals'

const { database, db, world } = await openWorld({ max: 4 })

afterEach(async () => {
  expect(await checkInvariants(db)).toEqual([])
  await db.$executeRaw`DELETE FROM pauses`
})

const by = { actor: tester, address: '10.0.0.7' }
const audit = () => db.auditEvent.findMany({ where: { action: { startsWith: 'control.' } }, orderBy: { id: 'desc' } })

const targets: [string, () => PauseTarget, () => string][] = [
  ['platform', () => ({ kind: 'platform' }), () => 'platform'],
  ['jobType', () => ({ kind: 'jobType', name: 'plain' }), () => 'plain'],
  ['organization', () => ({ kind: 'organization', organizationId: world.organizationId }), () => world.organizationId],
]

test.each(targets)(
  'a pause of the %s: none of its jobs is dispatched until it is resumed, and both acts are audited',
  async (kind, target, id) => {
    const job = await submit(world)
    const before = (await audit()).length
    const made = await pause(db, { scope: target(), reason: 'moving house', ...by })
    expect(made).toMatchObject({ scope: kind, reason: 'moving house', pausedBy: tester, pausedAt: expect.any(Date) })
    expect(await dispatch(world, job.id)).toBeUndefined()
    expect(await listPauses(db, { all: true })).toEqual([{ ...made, auditId: expect.any(String), used: true }])

    expect(await resume(db, { scope: target(), reason: 'done', ...by })).toBe(true)
    expect(await listPauses(db, { all: true })).toEqual([])
    expect(await dispatch(world, job.id)).toBe(1)
    const [resumed, paused, ...older] = await audit()
    expect(older).toHaveLength(before)
    const where = {
      organizationId: kind === 'organization' ? id() : null,
      targetType: kind,
      targetId: id(),
      actorName: 'test',
      actorType: 'SYSTEM',
      address: '10.0.0.7',
    }
    expect(paused).toMatchObject({
      ...where,
      action: 'control.pause',
      reason: 'moving house',
      before: null,
      after: { paused: true },
    })
    expect(resumed).toMatchObject({
      ...where,
      action: 'control.resume',
      reason: 'done',
      before: { paused: true, reason: 'moving house' },
      after: { paused: false },
    })
  },
)

test('pausing again keeps time and author, and a new reason replaces the first', async () => {
  const scope: PauseTarget = { kind: 'jobType', name: 'plain' }
  const first = await pause(db, { scope, reason: 'one', ...by })
  const events = (await audit()).length
  expect(await pause(db, { scope, ...by, actor: { ...tester, name: 'somebody else' } })).toEqual(first)
  expect(await pause(db, { scope, reason: 'one', ...by })).toEqual(first)
  expect((await audit()).length).toBe(events)
  expect(await pause(db, { scope, reason: 'two', ...by })).toEqual({ ...first, reason: 'two' })
  expect((await audit())[0]).toMatchObject({ before: { reason: 'one' }, after: { reason: 'two' } })
  expect(await resume(db, { scope, ...by })).toBe(true)
  expect(await resume(db, { scope, ...by })).toBe(false)
  expect((await audit()).length).toBe(events + 2)
})

test('ten pauses of the same thing at once make one pause', async () => {
  const events = (await audit()).length
  const all = await Promise.all(
    Array.from({ length: 10 }, () => pause(db, { scope: { kind: 'platform' }, reason: 'now', ...by })),
  )
  expect(new Set(all.map(({ pausedAt }) => pausedAt.getTime())).size).toBe(1)
  expect((await audit()).length).toBe(events + 1)
})

test('a pause in a caller’s transaction that throws pauses nothing and leaves nothing in the audit', async () => {
  const events = (await audit()).length
  await expect(
    db.$transaction(async (tx) => {
      await pause(tx, { scope: { kind: 'platform' }, ...by })
      throw new Error('the caller fails')
    }),
  ).rejects.toThrow('the caller fails')
  expect(await listPauses(db, { all: true })).toEqual([])
  expect((await audit()).length).toBe(events)
})

test('members see the pauses of the platform, of job types and of their organizations', async () => {
  for (const [, target] of targets) await pause(db, { scope: target(), ...by })
  await pause(db, { scope: { kind: 'organization', organizationId: world.otherOrganizationId }, ...by })
  const seen = async (organizationIds: string[]) =>
    (await listPauses(db, { organizationIds })).map((item) => item.organizationId ?? item.scope).sort()
  expect(await seen([world.otherOrganizationId])).toEqual([world.otherOrganizationId, 'jobType', 'platform'].sort())
  expect(await seen([])).toEqual(['jobType', 'platform'])
  expect(await listPauses(db, { all: true })).toHaveLength(4)
})

test('pausing or resuming a job type or organization that does not exist, or is deleted, is refused', async () => {
  const gone = uuidv7()
  await db.organization.create({ data: { id: gone, name: 'Gone', slug: 'gone' } })
  await deleteOrganization(db, { organizationId: gone, ...by })
  for (const scope of [
    { kind: 'jobType', name: 'no.such' },
    { kind: 'organization', organizationId: uuidv7() },
    { kind: 'organization', organizationId: gone },
  ] as const) {
    expect((await refusal(pause(db, { scope, ...by }))).reason).toBe('NOT_FOUND')
    expect((await refusal(resume(db, { scope, ...by }))).reason).toBe('NOT_FOUND')
  }
})

test('whatever ends a hold wakes the dispatchers when it commits, and not before', async () => {
  const { organizationId } = world
  const circuit = { jobType: 'plain', organizationId }
  await db.circuit.create({
    data: { ...circuit, state: 'OPEN', failures: 10, outcomes: 10, openedAt: new Date(), countsFrom: new Date(0) },
  })
  await pause(db, { scope: { kind: 'platform' }, ...by })
  await suspendOrganization(db, { organizationId, ...by })

  const listener = new Client({ connectionString: database.url })
  await listener.connect()
  let woken = 0
  listener.on('notification', () => woken++)
  await listener.query(`LISTEN ${CHANNELS.wake}`)
  const letGo: [string, (tx: DbOrTx) => Promise<unknown>][] = [
    ['resume', (tx) => resume(tx, { scope: { kind: 'platform' }, ...by })],
    ['resumeOrganization', (tx) => resumeOrganization(tx, { organizationId, ...by })],
    ['changeJobType', (tx) => changeJobType(tx, { name: 'plain', changes: { concurrency: { global: 7 } }, ...by })],
    ['closeCircuit', (tx) => closeCircuit(tx, { ...circuit, ...by })],
  ]
  for (const [name, act] of letGo) {
    const rolledBack = db.$transaction(async (tx) => {
      await act(tx)
      throw new Error('the caller fails')
    })
    await expect(rolledBack).rejects.toThrow('the caller fails')
    const before = woken
    await act(db)
    // Signals come in the order of the commits, so a signal of the transaction that failed would have been counted.
    await expect.poll(() => woken, { timeout: 10_000, message: name }).toBe(before + 1)
  }
  expect(woken).toBe(letGo.length)
  await listener.end()
})

test('a pause of a job type concerns the organizations that have jobs of it, and names the act behind it', async () => {
  await submit(world)
  const made = await pause(db, { scope: { kind: 'jobType', name: 'plain' }, reason: 'first', ...by })
  await pause(db, { scope: { kind: 'jobType', name: 'plain' }, reason: 'second', ...by })
  const seenBy = async (organizationId: string) => (await listPauses(db, { organizationIds: [organizationId] }))[0]!
  expect((await seenBy(world.organizationId)).used).toBe(true)
  expect((await seenBy(world.otherOrganizationId)).used).toBe(false)
  const { auditId, reason } = await seenBy(world.organizationId)
  expect(reason).toBe('second')
  // The act of who paused it, and not that of who gave another reason later.
  expect(await db.auditEvent.findUnique({ where: { id: auditId! } })).toMatchObject({
    action: 'control.pause',
    reason: 'first',
    targetId: made.jobType,
  })
  await resume(db, { scope: { kind: 'jobType', name: 'plain' }, ...by })
})
