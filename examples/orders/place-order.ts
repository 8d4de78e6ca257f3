import type { Db, Tx } from '@/server/db'
import { submitJob } from '@/server/engine'

export interface Order {
  id: string
  organizationId: string
  customer: string
  /** In cents. */
  total: number
}

/** What a service that has its own tables beside Jobyard's would have in a migration. */
export async function createOrdersTable(db: Db): Promise<void> {
  await db.$executeRaw`CREATE SCHEMA IF NOT EXISTS shop`
  await db.$executeRaw`
    CREATE TABLE IF NOT EXISTS shop.orders (
      id uuid PRIMARY KEY, organization_id uuid NOT NULL, customer text NOT NULL, total int NOT NULL CHECK (total > 0), job_id uuid NOT NULL)`
}

/**
 * Writes an order and submits the job that handles it, in one transaction: whatever goes wrong in it,
 * there is no order without its job and no job without its order. Nothing runs before the commit.
 *
 * @returns the id of the job
 * @throws EngineError where the job is refused, and whatever the database refuses
 */
export function placeOrder(db: Db, order: Order): Promise<string> {
  return db.$transaction(async (tx) => {
    const job = await submitJob(tx, {
      organizationId: order.organizationId,
      actor: { type: 'system', id: null, name: 'shop' },
      job: {
        jobType: 'sample.work',
        parameters: { data: { orderId: order.id, customer: order.customer } },
        // A caller who did not get the answer places the order again. Then this key gives the same job, and the order
        // meets its own primary key.
        idempotencyKey: `order-${order.id}`,
      },
    })
    await insertOrder(tx, order, job.id)
    return job.id
  })
}

async function insertOrder(tx: Tx, { id, organizationId, customer, total }: Order, jobId: string): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO shop.orders (id, organization_id, customer, total, job_id)
    VALUES (${id}::uuid, ${organizationId}::uuid, ${customer}, ${total}, ${jobId}::uuid)`
}
