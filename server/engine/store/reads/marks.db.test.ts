import { afterEach, expect, test } from 'vitest'
import { clearJobs, openWorld, submit, tester } from '@/testing/engine'
import { changeJobType, changeOrganization, listMarks, pause, resume, writeAudit } from '../../index'

const { db, world } = await openWorld()
const by = { actor: tester, address: null }
const mine = { organizationIds: [world.organizationId] }
const other = { organizationIds: [world.otherOrganizationId] }
const HOUR = 3_600_000

afterEach(() => clearJobs(db))

let from = new Date(Date.now() - 1)
/** The marks of a scope since the last call of `begin`, oldest first. */
const marks = async (scope: Parameters<typeof listMarks>[2] = mine) =>
  (await listMarks(db, { from, to: new Date(Date.now() + HOUR), limit: 50 }, scope)).items
    .map(({ kind, text }) => `${kind}: ${text}`)
    .reverse()
/** The times in the audit are whole milliseconds, so a short pause sets earlier acts apart. */
const begin = async () => {
  await new Promise((done) => setTimeout(done, 5))
  from = new Date()
}

test('pauses of an organization are marked for itself, those of the platform for everybody', async () => {
  await begin()
  const own = { kind: 'organization', organizationId: world.organizationId } as const
  await pause(db, { scope: own, ...by })
  await resume(db, { scope: own, ...by })
  await pause(db, { scope: { kind: 'platform' }, ...by })
  await resume(db, { scope: { kind: 'platform' }, ...by })
  const platform = ['pause: The platform was paused', 'resume: The platform was resumed']
  expect(await marks()).toEqual(['pause: Acme was paused', 'resume: Acme was resumed', ...platform])
  expect(await marks(other)).toEqual(platform)
  expect(await marks({ all: true })).toHaveLength(4)
})

test('a pause that is given another reason has one mark, at its begin', async () => {
  await begin()
  const own = { kind: 'organization', organizationId: world.organizationId } as const
  await pause(db, { scope: own, reason: 'maintenance', ...by })
  await pause(db, { scope: own, reason: 'the database moves', ...by })
  await resume(db, { scope: own, ...by })
  await pause(db, { scope: own, reason: 'maintenance', ...by })
  await resume(db, { scope: own, ...by })
  const once = ['pause: Acme was paused', 'resume: Acme was resumed']
  expect(await marks()).toEqual([...once, ...once])
})

test('what happens to a job type is marked where there are jobs of it', async () => {
  await submit(world)
  await begin()
  await pause(db, { scope: { kind: 'jobType', name: 'plain' }, ...by })
  await resume(db, { scope: { kind: 'jobType', name: 'plain' }, ...by })
  expect(await marks()).toEqual(['pause: plain was paused', 'resume: plain was resumed'])
  expect(await marks(other)).toEqual([])
})

test('changed limits are marked, and other changes are not', async () => {
  await submit(world)
  await begin()
  const { organizationId } = world
  await changeJobType(db, { name: 'plain', changes: { displayName: 'Plain again' }, ...by })
  await changeOrganization(db, { organizationId, changes: { name: 'Acme' }, ...by })
  expect(await marks()).toEqual([])
  await changeJobType(db, { name: 'plain', changes: { concurrency: { global: 5 } }, ...by })
  await changeOrganization(db, { organizationId, changes: { maxConcurrent: 9 }, ...by })
  expect(await marks()).toEqual(['limits: Limits of plain changed', 'limits: Limits of Acme changed'])
  expect(await marks(other)).toEqual([])
})

test('marks lie within the time that was asked for, and are read page by page', async () => {
  await begin()
  for (let n = 0; n < 5; n++)
    await writeAudit(db, {
      organizationId: world.organizationId,
      ...by,
      action: 'circuit.open',
      targetType: 'circuit',
      targetId: `type-${n}`,
    })
  const asked = { from, to: new Date(Date.now() + HOUR), limit: 2 }
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await listMarks(db, { ...asked, cursor }, mine)
    seen.push(...page.items.map(({ text }) => text))
    cursor = page.nextCursor ?? undefined
  } while (cursor)
  expect(seen).toEqual([4, 3, 2, 1, 0].map((n) => `The circuit of type-${n} opened`))
  expect((await listMarks(db, { ...asked, to: from }, mine)).items).toEqual([])
  expect((await listMarks(db, asked, other)).items).toEqual([])
})
