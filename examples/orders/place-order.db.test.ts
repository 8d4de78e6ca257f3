import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createMissingJobTypes } from '@/server/engine'
import { createTestDatabase, type TestDatabase } from '@/testing/database'
import { createDb, type Db } from '@/server/db'
import { queueOf, SHIPPED_JOB_TYPES } from '@/worker/catalog/catalog'
import { createOrdersTable, placeOrder, type Order } from './place-order'

let database: TestDatabase
let db: Db
const organizationId = uuidv7()

beforeAll(async () => {
  database = await createTestDatabase()
  db = createDb(database.url)
  await db.organization.create({ data: { id: organizationId, name: 'Acme', slug: 'acme' } })
  await createMissingJobTypes(db, SHIPPED_JOB_TYPES, queueOf)
  await createOrdersTable(db)
})
afterAll(async () => {
  await db?.$disconnect()
  await database?.drop()
})

const order = (over: Partial<Order> = {}): Order => ({
  id: randomUUID(),
  organizationId,
  customer: 'Ada',
  total: 9950,
  ...over,
})

/** How many orders there are, and how many rows that submissions leave in some tables. */
async function counts() {
  const [row] = await db.$queryRaw<object[]>`
    SELECT (SELECT count(*) FROM shop.orders)::int AS orders, (SELECT count(*) FROM jobs)::int AS jobs,
      (SELECT count(*) FROM execution_logs)::int AS history, (SELECT count(*) FROM idempotency_keys)::int AS keys, (SELECT count(*) FROM dedupe_claims)::int AS claims`
  return row
}

it('a placed order and its job are both there', async () => {
  const placed = order()
  const jobId = await placeOrder(db, placed)
  expect(await db.$queryRaw`SELECT job_id FROM shop.orders WHERE id = ${placed.id}::uuid`).toEqual([{ job_id: jobId }])
  expect(await db.job.findUnique({ where: { id: jobId }, include: { input: true } })).toMatchObject({
    status: 'PENDING',
    submittedByName: 'shop',
    input: { parameters: { data: { orderId: placed.id, customer: 'Ada' } } },
  })
})

it('an order that the database refuses leaves no job, and no hash or key that a job would hold', async () => {
  const before = await counts()
  const refused = order({ total: 0 })
  await expect(placeOrder(db, refused)).rejects.toThrow(/orders_total_check/)
  expect(await counts()).toEqual(before)
  // Nothing is left that would be in the way of the same order, put right.
  await placeOrder(db, { ...refused, total: 1 })
})

it('an order whose job is refused is not there either', async () => {
  const before = await counts()
  await db.organization.update({ where: { id: organizationId }, data: { status: 'SUSPENDED' } })
  await expect(placeOrder(db, order())).rejects.toMatchObject({ reason: 'ORGANIZATION_SUSPENDED' })
  await db.organization.update({ where: { id: organizationId }, data: { status: 'ACTIVE' } })
  expect(await counts()).toEqual(before)
})

it('an order that is placed twice is there once', async () => {
  const placed = order()
  await placeOrder(db, placed)
  const before = await counts()
  await expect(placeOrder(db, placed)).rejects.toThrow(/orders_pkey/)
  expect(await counts()).toEqual(before)
})
