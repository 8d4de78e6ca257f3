import { Prisma, type Db, type Tx } from '@/server/db'

/** What PostgreSQL did for the statements of one piece of work. */
export interface RowsRead {
  /** Rows of jobs and of the tables beside it that scans looked at, whether they passed their conditions or not. */
  rows: number
  /** Rows that went through a sort. */
  sorted: number
  /** `jobs` where it was read from end to end, and the other tables of jobs where most rows of such a scan were thrown away. */
  whole: string[]
  /** Pages of 8 KiB that were looked at, in memory or not. */
  pages: number
  /** Milliseconds in the database, with planning. */
  ms: number
}

interface Node {
  'Node Type': string
  'Relation Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  'Rows Removed by Index Recheck'?: number
  'Shared Hit Blocks'?: number
  'Shared Read Blocks'?: number
  Plans?: Node[]
}

interface Explained {
  Plan: Node
  'Planning Time': number
  'Execution Time': number
}

/** Of a table with fewer rows than this, a scan is the quickest way. */
const FEW = 2_000

const OF_JOBS = new Set(['jobs', 'job_inputs', 'job_search', 'job_attempts', 'execution_logs', 'job_dependencies'])

/**
 * Runs `work` in one transaction and adds up what its statements read, with those that write. Everything is undone
 * afterwards. `settings` are those of the process whose work it is: a web process has none.
 */
export async function rowsRead(
  db: Db,
  work: (tx: Tx) => Promise<unknown>,
  settings: 'web' | 'worker' = 'web',
): Promise<RowsRead> {
  const read: RowsRead = { rows: 0, sorted: 0, whole: [], pages: 0, ms: 0 }
  await db
    .$transaction(
      async (tx) => {
        if (settings === 'worker') await tx.$executeRaw`SET LOCAL enable_seqscan = off`
        await work(explaining(tx, read))
        throw new Undone()
      },
      { timeout: 600_000 },
    )
    .catch((error: unknown) => {
      if (!(error instanceof Undone)) throw error
    })
  return read
}

class Undone extends Error {}

/** The transaction, with each statement explained before it is sent. */
function explaining(tx: Tx, read: RowsRead): Tx {
  // Statements that are sent at once must not come between a savepoint and its end.
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work)
    turn = mine.catch(() => undefined)
    return mine
  }
  const explain = async (query: Prisma.Sql) => {
    // Nothing else can be explained, such as a savepoint. The name of a statement stands before it as a comment.
    if (!/^\s*(\/\*.*?\*\/\s*)?(SELECT|WITH|INSERT|UPDATE|DELETE)/i.test(query.sql)) return
    await tx.$executeRaw`SAVEPOINT explained`
    const [row] = await tx.$queryRaw<{ 'QUERY PLAN': Explained[] }[]>(
      Prisma.sql`EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ${query}`,
    )
    // What it wrote is undone, because the statement itself comes after it.
    await tx.$executeRaw`ROLLBACK TO SAVEPOINT explained`
    const explained = row!['QUERY PLAN'][0]!
    read.ms += explained['Planning Time'] + explained['Execution Time']
    read.pages += (explained.Plan['Shared Hit Blocks'] ?? 0) + (explained.Plan['Shared Read Blocks'] ?? 0)
    add(explained.Plan, read)
  }
  const asQuery = (first: TemplateStringsArray | Prisma.Sql, values: unknown[]) =>
    'text' in first ? first : Prisma.sql(first, ...values)
  const ways = {
    $queryRaw: (first: TemplateStringsArray | Prisma.Sql, ...values: unknown[]) =>
      inTurn(async () => {
        const query = asQuery(first, values)
        await explain(query)
        return tx.$queryRaw(query)
      }),
    $executeRaw: (first: TemplateStringsArray | Prisma.Sql, ...values: unknown[]) =>
      inTurn(async () => {
        const query = asQuery(first, values)
        await explain(query)
        return tx.$executeRaw(query)
      }),
    $queryRawUnsafe: (text: string, ...values: unknown[]) =>
      inTurn(async () => {
        await explain(Prisma.sql(text.split(/\$\d+/), ...values))
        return tx.$queryRawUnsafe(text, ...values)
      }),
  }
  return new Proxy(tx, {
    get: (target, name: keyof Tx) => (name in ways ? ways[name as keyof typeof ways] : target[name]),
  })
}

function add(node: Node, to: RowsRead): void {
  const loops = node['Actual Loops']
  const passed = node['Actual Rows'] * loops
  const table = node['Relation Name']
  if (table !== undefined && OF_JOBS.has(table) && loops > 0 && node['Node Type'] !== 'ModifyTable') {
    const removed = ((node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)) * loops
    to.rows += passed + removed
    // A scan that stops because it has enough, and throws little away, is no worse than an index. Of `jobs` itself, no
    // scan is accepted.
    if (node['Node Type'] === 'Seq Scan' && (table === 'jobs' || removed > Math.max(passed, FEW))) to.whole.push(table)
  }
  if (node['Node Type'] === 'Sort') to.sorted += passed
  for (const below of node.Plans ?? []) add(below, to)
}
