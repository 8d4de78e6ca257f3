import { v7 as uuidv7 } from 'uuid'
import { beforeEach, expect, test, vi } from 'vitest'
import { openWorld, refusal, tester } from '@/testing/engine'
import { beginUpload, discardUpload, extendUpload } from '../../index'

const { db, world } = await openWorld({ max: 4 })
beforeEach(() => db.upload.deleteMany())

/** The most bytes of one upload in these tests. All of an organization together may have 20 times as many: 2,000. */
const MAX_BYTES = 100
const begin = (
  size: number | null,
  on: Parameters<typeof beginUpload>[0] = db,
  organizationId = world.organizationId,
) =>
  beginUpload(on, {
    organizationId,
    name: 'orders.csv',
    contentType: 'text/csv',
    size,
    actor: tester,
    maxBytes: MAX_BYTES,
  })

/** Uploads that are there already, each with so many bytes. */
const keep = (count: number, bytes: number, data: { touchedAt?: Date; removedAt?: Date } = {}) =>
  db.upload.createMany({
    data: Array.from({ length: count }, () => ({
      id: uuidv7(),
      organizationId: world.organizationId,
      contentType: 'text/csv',
      size: bytes,
      received: bytes,
      createdBy: {},
      completedAt: new Date(),
      ...data,
    })),
  })

const HOUR = 3_600_000

test('an organization keeps 1,000 uploads, and the next is refused until one of them goes', async () => {
  await keep(998, 1)
  await keep(1, 1, { touchedAt: new Date(Date.now() - 23 * HOUR) })
  // Those that are out of use count no more.
  await keep(5, 1, { removedAt: new Date(), touchedAt: new Date(Date.now() - 30 * HOUR) })
  const last = await begin(1)
  const refused = await refusal(begin(1))
  expect(refused).toMatchObject({
    reason: 'RATE_LIMITED',
    message: expect.stringMatching(/keeps 1,?000 uploads/),
  })
  expect(refused.data.retryAfterSeconds).toBeGreaterThan(3_500)
  expect(refused.data.retryAfterSeconds).toBeLessThanOrEqual(3_600)
  await discardUpload(db, last)
  await begin(1)
})

test('an organization keeps as many bytes as 20 of the largest uploads have, and one byte more is refused', async () => {
  await keep(19, MAX_BYTES)
  await keep(1, MAX_BYTES - 1)
  expect(await refusal(begin(2))).toMatchObject({
    reason: 'RATE_LIMITED',
    message: expect.stringContaining('2,000 bytes'),
  })
  await begin(1)
  expect((await refusal(begin(1))).reason).toBe('RATE_LIMITED')
})

test('an upload that another has begun counts with the bytes that it is to have', async () => {
  await keep(19, MAX_BYTES)
  const uploadId = await begin(MAX_BYTES)
  await extendUpload(db, { uploadId, offset: 0, segment: { id: 'first', size: 10 } })
  expect((await refusal(begin(1))).reason).toBe('RATE_LIMITED')
})

test('an upload that does not say how large it is counts as the largest until its end, and then with what it has', async () => {
  await keep(18, MAX_BYTES)
  const uploadId = await begin(null)
  expect((await refusal(begin(MAX_BYTES + 1))).reason).toBe('RATE_LIMITED')
  await keep(1, 1)
  expect((await refusal(begin(null))).reason).toBe('RATE_LIMITED')
  await extendUpload(db, { uploadId, offset: 0, segment: { id: 'only', size: 5 }, isLast: true })
  await begin(null)
})

test('of two uploads that begin at once only one gets the last place, and another organization does not wait', async () => {
  await keep(999, 1)
  let second: Promise<string> | undefined
  await db.$transaction(async (tx) => {
    await begin(1, tx)
    second = begin(1)
    second.catch(() => undefined)
    await vi.waitFor(
      async () => {
        const [row] = await db.$queryRaw<
          { n: number }[]
        >`SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
        expect(row?.n).toBe(1)
      },
      { timeout: 10_000 },
    )
    await begin(1, db, world.otherOrganizationId)
  })
  expect((await refusal(second!)).reason).toBe('RATE_LIMITED')
  expect(await db.upload.count({ where: { organizationId: world.organizationId } })).toBe(1_000)
})
