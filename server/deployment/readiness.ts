import { aliveByPool, readSchemaState, type Db } from '@/server/engine'
import { ownMigrations } from './own-migrations'

// Answers health checks.

/** How long the database may take to answer. */
const PATIENCE_MS = 2_000
/** Each probe of a load balancer asks. Within this time they share an answer. */
const SAME_ANSWER_MS = 1_000

/** What `/api/health/ready` of web processes and `/ready` of workers answer. */
export interface Readiness {
  /**
   * `down`: calls cannot be served. `degraded`: they are, but no job is begun, because no worker takes any or none
   * reaches BullMQ's store. A pool without workers beside one that has some does not count.
   */
  status: 'ok' | 'degraded' | 'down'
  /** True where the database answers within two seconds. */
  database: boolean
  /** Whether the database has the migrations of this version. Null where it does not answer. */
  migrations: 'current' | 'older' | 'newer' | null
  /** Whether workers reach BullMQ's store. Null where none is alive to say so. */
  store: boolean | null
  /** How many workers take jobs, by pool. One that drains does not count. */
  workers: Record<string, number>
}

const unreachable: Readiness = { status: 'down', database: false, migrations: null, store: null, workers: {} }

let last: { at: number; answer: Promise<Readiness> } | undefined

/** Tells whether calls can be served, and whether jobs run. Never rejects. */
export function readiness(db: Db): Promise<Readiness> {
  const now = performance.now()
  if (!last || now - last.at > SAME_ANSWER_MS) last = { at: now, answer: look(db) }
  return last.answer
}

async function look(db: Db): Promise<Readiness> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Readiness>((resolve) => {
    timer = setTimeout(() => resolve(unreachable), PATIENCE_MS)
  })
  const asked = async (): Promise<Readiness> => {
    const schema = await readSchemaState(db, ownMigrations())
    if (!schema.serves) return { ...unreachable, database: true, migrations: schema.state }
    const { workers, store } = await aliveByPool(db)
    const runs = Object.values(workers).some((alive) => alive > 0) && store !== false
    return { status: runs ? 'ok' : 'degraded', database: true, migrations: schema.state, store, workers }
  }
  return Promise.race([asked().catch(() => unreachable), late]).finally(() => clearTimeout(timer))
}
