import { agreesOnSecret, clockOffsetSeconds, readSchemaState, serverVersion } from '@/server/engine'
import { createDb, type Db } from '@/server/db'
import { ownMigrations } from './own-migrations'
import { hasTransactionPooler } from './pooler'
import type { Problem } from './problem'

// Looks at the database before a process starts: version, settings, migrations, secrets.

const OLDEST_POSTGRESQL = 15
/**
 * Sessions and signatures carry times, so a clock that is further off than this refuses good ones or accepts old ones.
 */
const MOST_SECONDS_OFF = 60

/** Finds what is wrong with the database, or with the secrets that processes compare through it. */
export async function databaseProblems(
  databaseUrl: string,
  { schema, secrets }: { schema: boolean; secrets: Record<string, string | undefined> },
): Promise<Problem[]> {
  const db = createDb(databaseUrl, { max: 1, applicationName: 'jobyard-check', answerMs: 10_000 })
  try {
    const version = await serverVersion(db)
    if (version < OLDEST_POSTGRESQL)
      return [
        definite(
          'database',
          `PostgreSQL ${version} is too old: ${OLDEST_POSTGRESQL} or newer is needed (DATABASE_URL).`,
        ),
      ]
    if (await hasTransactionPooler(databaseUrl))
      return [
        definite(
          'pooler',
          'DATABASE_URL leads to a pooler in transaction mode, which loses prepared statements, LISTEN and session locks. Set its pool_mode to session, or name PostgreSQL itself.',
        ),
      ]
    const problems = [schema ? await schemaProblem(db) : null, await clockProblem(db)].filter(
      (problem) => problem !== null,
    )
    // Where the tables are missing there is nowhere to compare secrets.
    if (schema && !problems.some(({ about }) => about === 'schema'))
      problems.push(...(await secretProblems(db, secrets)))
    return problems
  } catch (error) {
    return [
      { about: 'database', message: `PostgreSQL does not answer: ${reasonOf(error)} (DATABASE_URL).`, mayPass: true },
    ]
  } finally {
    await db.$disconnect()
  }
}

async function schemaProblem(db: Db): Promise<Problem | null> {
  const { state, serves, message } = await readSchemaState(db, ownMigrations())
  return serves ? null : { about: 'schema', message, mayPass: state === 'older' }
}

async function clockProblem(db: Db): Promise<Problem | null> {
  const seconds = await clockOffsetSeconds(db)
  if (Math.abs(seconds) <= MOST_SECONDS_OFF) return null
  const side = seconds > 0 ? 'behind' : 'ahead of'
  return definite(
    'clock',
    `The clock of this machine is ${Math.round(Math.abs(seconds))} s ${side} the database's. Set both by NTP.`,
  )
}

async function secretProblems(db: Db, secrets: Record<string, string | undefined>): Promise<Problem[]> {
  const problems: Problem[] = []
  for (const [name, secret] of Object.entries(secrets)) {
    if (secret === undefined || (await agreesOnSecret(db, name, secret))) continue
    problems.push(definite('secrets', differingSecret(name)))
  }
  return problems
}

/** The line for a secret that another live process has differently. */
export const differingSecret = (name: string): string =>
  `${name} differs from that of other processes of this installation. Give all of them the same; to change it, stop them all first.`

const definite = (about: Problem['about'], message: string): Problem => ({ about, message, mayPass: false })

/** The last line of an error says why. Those before may quote the statement. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.trim().split('\n').at(-1)!.slice(0, 200).replace(/\.$/, '')
}
