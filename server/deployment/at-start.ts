import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@/server/logger'
import type { StorageSettings } from '@/server/storage'
import { databaseProblems } from './database'
import type { Problem } from './problem'
import { queueStoreProblem } from './queue-store'
import { storageProblem } from './storage'

/** What a process needs of its surroundings. What is left out is not checked. */
export interface Needs {
  databaseUrl: string
  /** Null or left out: the queue runs on PostgreSQL, or this process does not use it. */
  redisUrl?: string | null
  storage?: StorageSettings
  /** False for what makes the tables itself. */
  schema?: boolean
  /** Secrets that all processes of the installation must have in common, by the name of their variable. */
  secrets?: Record<string, string | undefined>
}

/** How long a process that waits leaves between two looks. */
const AGAIN_MS = 1_000
/** A process that waits says so again after this time. */
const REPEAT_MS = 30_000

/** Everything that is wrong, at once, so that nobody has to find one thing after the other. */
export async function findProblems(needs: Needs): Promise<Problem[]> {
  const { databaseUrl, redisUrl, storage, schema = true, secrets = {} } = needs
  const [database, ...others] = await Promise.all([
    databaseProblems(databaseUrl, { schema, secrets }),
    redisUrl ? queueStoreProblem(redisUrl) : null,
    storage ? storageProblem(storage) : null,
  ])
  return [...database, ...others.filter((problem) => problem !== null)]
}

/** For a command: prints each problem on a line of its own and ends the process with 1, where there is one. */
export async function orRefuse(needs: Needs): Promise<void> {
  const problems = await findProblems(needs)
  if (problems.length > 0) refuse(problems)
}

function refuse(problems: readonly Problem[]): never {
  for (const { message } of problems) process.stderr.write(`Jobyard cannot start: ${message}\n`)
  process.exit(1)
}

/**
 * Resolves when nothing is wrong any more. Where something is that waiting cannot mend, or `wait` is false, it prints
 * each problem on a line of its own and ends the process with 1.
 *
 * @param options.wait true where servers may still be coming up, as under a supervisor
 */
export async function checkAtStart(needs: Needs, { wait, logger }: { wait: boolean; logger: Logger }): Promise<void> {
  let saidAt = -Infinity
  for (;;) {
    const problems = await findProblems(needs)
    if (problems.length === 0) return
    if (!wait || problems.some(({ mayPass }) => !mayPass)) refuse(problems)
    if (performance.now() - saidAt > REPEAT_MS) {
      for (const { message } of problems) logger.warn({ problem: message }, 'not ready to start yet; trying again')
      saidAt = performance.now()
    }
    await sleep(AGAIN_MS)
  }
}
