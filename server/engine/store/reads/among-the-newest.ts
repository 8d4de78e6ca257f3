import { Prisma } from '@/server/db'
import type { Cut } from './search'

/** Jobs that are looked at before each organization is asked. */
const LOOKED_AT = 2_000

/** A page of more jobs is not looked for among the newest, as it would rarely be found there. */
export const MOST_OF_A_PAGE = LOOKED_AT / 4

/**
 * Looks among the newest jobs of all organizations for those that a page shows. The query over each organization runs
 * only where there are too few of them (decision 0123).
 */
export const amongTheNewest = (
  from: Prisma.Sql,
  where: Prisma.Sql,
  { limit, before }: Cut,
  otherwise: Prisma.Sql,
) => Prisma.sql`
  WITH newest AS MATERIALIZED (
    SELECT i.job_id AS id FROM ${from} WHERE ${where} AND i.job_id >= COALESCE((
      SELECT n.job_id FROM job_inputs n ${before ? Prisma.sql`WHERE n.job_id < ${before}::uuid` : Prisma.empty}
      ORDER BY n.job_id DESC OFFSET ${LOOKED_AT}::int LIMIT 1), '00000000-0000-0000-0000-000000000000')
    ORDER BY i.job_id DESC LIMIT ${limit})
  SELECT id FROM newest WHERE (SELECT count(*) FROM newest) >= ${limit}
  UNION ALL
  SELECT id FROM (${otherwise}) every WHERE (SELECT count(*) FROM newest) < ${limit}
  ORDER BY id DESC`
