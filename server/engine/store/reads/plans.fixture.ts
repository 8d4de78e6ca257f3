import { Prisma, type Db, type Tx } from '@/server/db'

/**
 * The plans of all statements by which `work` reads, as they would be where tables are large: whatever
 * no index can answer is seen as a sequential scan.
 */
export async function plansOf(db: Db, work: (tx: Tx) => Promise<unknown>): Promise<string[]> {
  const plans: string[] = []
  await db.$transaction(async (tx) => {
    await tx.$executeRaw`SET LOCAL enable_seqscan = off`
    await work(
      new Proxy(tx, {
        get: (target, name: keyof Tx) =>
          name === '$queryRaw'
            ? async (strings: TemplateStringsArray, ...values: unknown[]) => {
                const plan = await tx.$queryRaw<{ 'QUERY PLAN': string }[]>(
                  Prisma.sql`EXPLAIN ${Prisma.sql(strings, ...values)}`,
                )
                plans.push(plan.map((row) => row['QUERY PLAN']).join('\n'))
                return tx.$queryRaw(strings, ...values)
              }
            : target[name],
      }),
    )
  })
  return plans
}
