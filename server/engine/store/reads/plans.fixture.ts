import { Prisma, type Db, type Tx } from '@/server/db'

/**
 * The plans of all statements that `work` sends, as they would be with large tables. A part that no index can answer
 * shows up as a sequential scan.
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
