import { Prisma, type DbOrTx } from '@/server/db'
import { partsOf } from '../../domain/slices'
import type { Scope } from '../../domain/types'
import { LEAST_ENDED } from '../../domain/waiting-estimate'
import { endedRows, rollupRows } from './measured'
import { rolledUpUntil } from './rollups'

const { sql } = Prisma
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Over how many seconds it is measured what gets through at this moment. */
export const LATELY_SECONDS = 120

/** Attempts that ended, of one job type. */
export interface Ended {
  jobType: string
  ended: number
  runSeconds: number
}

/** How long jobs run, and what got through lately, by job type. */
export interface RunTimes {
  lately: ReadonlyMap<string, Ended>
  /** Seconds, on average. Null where no attempt has ended. */
  secondsOf: (jobType: string) => number | null
}

/**
 * How long jobs of these types run: lately, where enough of them ended, or else over a day, from the sums that are made
 * ahead. Only where a type has neither are the rows of the last hour read.
 */
export async function runTimes(db: DbOrTx, scope: Scope, jobTypes: readonly string[]): Promise<RunTimes> {
  const { until, now } = await rolledUpUntil(db)
  const to = now.getTime() + 1_000
  const endedSince = (from: number) =>
    sql`SELECT job_type, 1 AS ended, run FROM (${endedRows([{ from, to }], scope)}) q`
  const slices = partsOf({ from: to - DAY_MS, to, until: until?.getTime() ?? null }).filter(({ span }) => span !== null)
  const [day, lately] = await Promise.all([
    sums(
      db,
      sql`SELECT job_type, completed + failed AS ended, run_seconds AS run FROM (${rollupRows(slices, scope, 'each')}) q`,
    ),
    sums(db, endedSince(to - LATELY_SECONDS * 1000)),
  ])
  const known = (name: string) => day.has(name) || lately.has(name)
  const hour = jobTypes.every(known) ? new Map<string, Ended>() : await sums(db, endedSince(to - HOUR_MS))
  return {
    lately,
    secondsOf: (name) => {
      const enough = (lately.get(name)?.ended ?? 0) >= LEAST_ENDED
      const found = (enough ? [lately] : [day, hour, lately]).flatMap((each) => each.get(name) ?? [])[0]
      return found ? found.runSeconds / found.ended : null
    },
  }
}

async function sums(db: DbOrTx, rows: Prisma.Sql): Promise<Map<string, Ended>> {
  const found = await db.$queryRaw<Ended[]>`
    SELECT job_type AS "jobType", sum(ended)::int AS ended, sum(run)::double precision AS "runSeconds"
    FROM (${rows}) r GROUP BY job_type HAVING sum(ended) > 0`
  return new Map(found.map((row) => [row.jobType, row]))
}
