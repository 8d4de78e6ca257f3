import { randomUUID } from 'node:crypto'
import { createDb } from '@/server/db'
import { sqlState } from '@/server/engine'
import { createOrdersTable, placeOrder } from './place-order'

// Places an order in the first organization there is, and one that the database refuses:
// `DATABASE_URL=… npx tsx examples/orders/main.ts`.

/** The SQLSTATE by which PostgreSQL says that a row breaks a CHECK of its table. */
const CHECK_VIOLATION = '23514'

const databaseUrl = process.env.DATABASE_URL
if (!databaseUrl) throw new Error('Set DATABASE_URL to the database that Jobyard uses.')
const db = createDb(databaseUrl, { max: 2, applicationName: 'shop' })
try {
  await createOrdersTable(db)
  const { id: organizationId } = await db.organization.findFirstOrThrow({
    where: { status: 'ACTIVE' },
    orderBy: { createdAt: 'asc' },
  })
  const order = { id: randomUUID(), organizationId, customer: 'Ada', total: 9950 }
  console.log(`order ${order.id} is handled by job ${await placeOrder(db, order)}`)

  // The table accepts no total of 0, so this order is refused.
  const free = { ...order, id: randomUUID(), total: 0 }
  await placeOrder(db, free).catch((error: unknown) => {
    if (sqlState(error) !== CHECK_VIOLATION) throw error
    console.log(`order ${free.id} was refused, and left no job`)
  })
} finally {
  await db.$disconnect()
}
