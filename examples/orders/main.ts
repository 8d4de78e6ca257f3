import { randomUUID } from 'node:crypto'
import { createDb } from '@/server/db'
import { createOrdersTable, placeOrder } from './place-order'

// Places an order in the first organization there is, and one that the database refuses:
// `DATABASE_URL=… npx tsx examples/orders/main.ts`.

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

  const free = { ...order, id: randomUUID(), total: 0 }
  await placeOrder(db, free).catch(() => console.log(`order ${free.id} was refused, and left no job`))
} finally {
  await db.$disconnect()
}
