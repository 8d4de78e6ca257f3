import { createDb, type Db } from '@/server/db'
import { measuring, STEPS, walkThrough, type Step } from './growth'
import { line } from './line'
import { prepareDatabase } from './prepare'

/** An even number, so that each is the first of a turn as often as the other. */
const ROUNDS = 6

/**
 * What limits cost a job when they are switched on and never reached: rate, concurrency of the job type, of it in an
 * organization and of the organization, quota, and the hash that holds back duplicates. With and without them in
 * turns, in processor time, because tables grow meanwhile and other work disturbs. The mean of the rounds counts.
 */
export async function limits(databaseUrl: string): Promise<boolean> {
  const db = createDb(databaseUrl, { max: 1, workload: 'hotPath' })
  await prepareDatabase(db)
  const rounds: Record<'on' | 'off', Record<Step, number>[]> = { on: [], off: [] }
  // The first round of each plans the statements, and does not count.
  for (let round = 0; round <= ROUNDS; round++)
    for (const which of round % 2 ? (['off', 'on'] as const) : (['on', 'off'] as const)) {
      await switchLimits(db, which === 'on')
      const costs = {} as Record<Step, number>
      await walkThrough(db, measuring(db, costs), { dedupe: which === 'on' })
      if (round > 0) rounds[which].push(costs)
    }
  await switchLimits(db, false)
  await db.$disconnect()
  const steps = STEPS.filter((step) => step !== 'list')
  const mean = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0) / numbers.length
  const sum = (costs: Record<Step, number>) => steps.reduce((total, step) => total + costs[step], 0)
  for (const which of ['off', 'on'] as const)
    for (const step of steps)
      line(`  limits ${which}: ${step}`, mean(rounds[which].map((costs) => costs[step])), 'µs', undefined)
  const times = mean(rounds.on.map(sum)) / mean(rounds.off.map(sum))
  return line('limits switched on: processor time of a job, against without', times, 'times', { below: 1.15 })
}

async function switchLimits(db: Db, on: boolean): Promise<void> {
  const most = on ? 1_000_000 : null
  await db.jobType.update({
    where: { name: 'sample.noop' },
    data: {
      rateLimitCount: most,
      rateLimitWindowSeconds: on ? 60 : null,
      concurrencyGlobal: most,
      concurrencyPerOrganization: most,
    },
  })
  await db.organization.updateMany({ where: { slug: 'bench' }, data: { maxConcurrent: most, maxUnfinished: most } })
}
