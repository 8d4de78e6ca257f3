import { deadJobs, onJobsMoved, type Db, type DeadJob } from '@/server/engine'
import type { Logger } from '@/server/logger'
import { logEvent } from './log-events'

/** How long jobs are gathered, in milliseconds. Then they are looked for together. */
const GATHER_MS = 200
/** How many jobs one statement looks for. */
const MOST_AT_ONCE = 500
/**
 * How often a job is looked for. Its transaction may not be committed at the first look. If that is rolled back, the job
 * is never found.
 */
const LOOKS = 4
/** The time between two looks. */
const AGAIN_MS = 1_000

/**
 * Writes a line for each job that this process moves to the dead letter (rule 4.40). The line is written once the
 * transaction is committed.
 *
 * @returns ends it
 */
export function logDeadLetters(db: Db, logger: Logger): () => void {
  let gathered: string[] = []
  let timer: NodeJS.Timeout | undefined
  const later = (ids: string[], looksLeft: number, ms: number) =>
    setTimeout(() => void look(ids, looksLeft), ms).unref()
  const look = async (ids: string[], looksLeft: number): Promise<void> => {
    const dead = await tell(db, logger, ids).catch(() => new Set<string>())
    const missing = ids.filter((id) => !dead.has(id))
    if (missing.length > 0 && looksLeft > 1) later(missing, looksLeft - 1, AGAIN_MS)
  }
  const end = onJobsMoved(({ to, jobIds }) => {
    if (to !== 'DEAD_LETTER') return
    for (const id of jobIds()) gathered.push(id)
    timer ??= setTimeout(() => {
      const ids = gathered
      gathered = []
      timer = undefined
      for (let at = 0; at < ids.length; at += MOST_AT_ONCE) void look(ids.slice(at, at + MOST_AT_ONCE), LOOKS)
    }, GATHER_MS).unref()
  })
  return () => {
    clearTimeout(timer)
    end()
  }
}

async function tell(db: Db, logger: Logger, ids: readonly string[]): Promise<Set<string>> {
  const jobs = await deadJobs(db, ids)
  for (const job of jobs) logger.warn(logEvent('dead-letter', fieldsOf(job)), 'a job is in the dead letter')
  return new Set(jobs.map(({ jobId }) => jobId))
}

/** What is null says nothing, and is left out. */
const fieldsOf = (job: DeadJob) => Object.fromEntries(Object.entries(job).filter(([, value]) => value !== null))
