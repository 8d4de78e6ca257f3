import { afterEach, expect, test } from 'vitest'
import { history, openWorld, submit } from '@/testing/engine'
import { Prisma, type DbOrTx } from '@/server/db'
import { JOB_STATUSES, TRANSITIONS } from '../domain/state'
import { checkInvariants } from '../invariants'
import { transition } from './transition'

const { db, world } = await openWorld({ max: 2 })

afterEach(async () => expect(await checkInvariants(db)).toEqual([]))

type Status = (typeof JOB_STATUSES)[number]

/** Asks for one job to move between two statuses. */
const move = (from: Status, to: Status, jobId: string, at: DbOrTx = db) =>
  transition(at, {
    name: `test_${from}_${to}`,
    from: [from],
    to,
    source: Prisma.sql`SELECT ${jobId}::uuid AS job_id`,
    lock: 'wait',
    set: Prisma.sql`progress = j.progress`,
    actor: { type: 'system', id: null, name: 'test' },
  })

test('transition() refuses every step that the state table does not list, before it asks the database', async () => {
  const { id } = await submit(world)
  const noDatabase = null as unknown as DbOrTx
  for (const from of JOB_STATUSES) {
    for (const to of JOB_STATUSES) {
      if (TRANSITIONS[from].includes(to)) continue
      await expect(move(from, to, id, noDatabase)).rejects.toThrow(`no transition from ${from} to ${to}`)
    }
  }
})

test('transition() moves no job that is not in an expected status', async () => {
  const { id } = await submit(world)
  expect(await move('QUEUED', 'PENDING', id)).toEqual([])
  expect(await history(world, id)).toEqual(['PENDING'])
})

test('transition() refuses a plan in which one of the expected statuses is illegal', async () => {
  await expect(
    transition(db, {
      name: 'test_mixed',
      from: ['PENDING', 'COMPLETED'],
      to: 'QUEUED',
      lock: 'wait',
      set: Prisma.sql`progress = 0`,
      source: Prisma.sql`SELECT id AS job_id FROM jobs`,
      actor: { type: 'system', id: null, name: 'test' },
    }),
  ).rejects.toThrow('no transition from COMPLETED to QUEUED')
})
