import { Prisma } from '@/server/db'
import type { Cut } from './search'

/** Jobs that are looked at before each organization is asked: at least so many, and at most. */
const LEAST_LOOKED_AT = 2_000
const MOST_LOOKED_AT = 40_000
/** So many are looked at for each job that is wanted. Of fewer matches than one in so many, each organization has few. */
const LOOKED_AT_FOR_EACH = 20

/** More jobs than this are not looked for among the newest, as they would rarely be found there. */
export const MOST_WANTED = MOST_LOOKED_AT / LOOKED_AT_FOR_EACH

/**
 * Looks among the newest jobs of all organizations for those that a page shows. The query over each organization runs
 * only where there are too few of them (decision 0123).
 */
export const amongTheNewest = (from: Prisma.Sql, where: Prisma.Sql, { limit, before }: Cut, otherwise: Prisma.Sql) => {
  const lookedAt = Math.min(MOST_LOOKED_AT, Math.max(LEAST_LOOKED_AT, LOOKED_AT_FOR_EACH * limit))
  return Prisma.sql`
  WITH newest AS MATERIALIZED (
    SELECT i.job_id AS id FROM ${from} WHERE ${where} AND i.job_id >= COALESCE((
      SELECT n.job_id FROM job_inputs n ${before ? Prisma.sql`WHERE n.job_id < ${before}::uuid` : Prisma.empty}
      ORDER BY n.job_id DESC OFFSET ${lookedAt}::int LIMIT 1), '00000000-0000-0000-0000-000000000000')
    ORDER BY i.job_id DESC LIMIT ${limit})
  SELECT id FROM newest WHERE (SELECT count(*) FROM newest) >= ${limit}
  UNION ALL
  SELECT id FROM (${otherwise}) every WHERE (SELECT count(*) FROM newest) < ${limit}
  ORDER BY id DESC`
}
