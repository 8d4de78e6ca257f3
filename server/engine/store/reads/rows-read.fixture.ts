import { Prisma, type Db, type Tx } from '@/server/db'

/** What PostgreSQL did for the statements of one read. */
export interface RowsRead {
  /** Rows of jobs and of the tables beside it that scans looked at, whether they passed their conditions or not. */
  rows: number
  /** Rows that went through a sort. */
  sorted: number
  /** Tables of jobs that were read from end to end, by rows of which most were thrown away. */
  whole: string[]
}

interface Node {
  'Node Type': string
  'Relation Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  'Rows Removed by Index Recheck'?: number
  Plans?: Node[]
}

const OF_JOBS = new Set(['jobs', 'job_inputs', 'job_search', 'job_attempts'])

/**
 * Runs `work`, with the settings of a web process, and adds up what its statements read. Nothing is changed for good.
 */
export async function rowsRead(db: Db, work: (tx: Tx) => Promise<unknown>): Promise<RowsRead> {
  const read: RowsRead = { rows: 0, sorted: 0, whole: [] }
  await db.$transaction(
    async (tx) => {
      const explained = async (first: TemplateStringsArray | Prisma.Sql, ...values: unknown[]) => {
        const query = 'text' in first ? first : Prisma.sql(first, ...values)
        const [row] = await tx.$queryRaw<{ 'QUERY PLAN': { Plan: Node }[] }[]>(
          Prisma.sql`EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${query}`,
        )
        add(row!['QUERY PLAN'][0]!.Plan, read)
        return tx.$queryRaw(query)
      }
      await work(new Proxy(tx, { get: (target, name: keyof Tx) => (name === '$queryRaw' ? explained : target[name]) }))
    },
    { timeout: 60_000 },
  )
  return read
}

function add(node: Node, to: RowsRead): void {
  const loops = node['Actual Loops']
  const passed = node['Actual Rows'] * loops
  const table = node['Relation Name']
  if (table !== undefined && OF_JOBS.has(table) && loops > 0) {
    to.rows += passed + ((node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)) * loops
    if (node['Node Type'] === 'Seq Scan') to.whole.push(table)
  }
  if (node['Node Type'] === 'Sort') to.sorted += passed
  for (const below of node.Plans ?? []) add(below, to)
}
