import { parseDatabaseEnv, parseWebEnv, parseWorkerEnv } from '@/server/env'
import type { Needs } from './at-start'
import { needsOfWeb, needsOfWorker } from './needs'
import type { Problem } from './problem'

/**
 * What a part needs, by the environment. `part` is `web`, `worker`, `migrate`, or anything else for web and worker
 * together.
 *
 * @throws EnvError which names each wrong variable
 */
export function needsOf(part: string, env: NodeJS.ProcessEnv): Needs {
  if (part === 'migrate') return { databaseUrl: parseDatabaseEnv(env).DATABASE_URL, schema: false }
  const web = part === 'worker' ? null : needsOfWeb(parseWebEnv(env))
  const worker = part === 'web' ? null : needsOfWorker(parseWorkerEnv(env))
  return { ...(web ?? worker)!, ...worker, secrets: { ...web?.secrets, ...worker?.secrets } }
}

/** One thing that was looked at. */
export interface Finding {
  about: Problem['about']
  /** `unknown`: it could not be looked at, because the database does not answer. */
  state: 'good' | 'wrong' | 'unknown'
  /** What is wrong, and the way out. */
  messages: string[]
}

const OVER_THE_DATABASE: readonly Problem['about'][] = ['pooler', 'schema', 'clock', 'secrets']

/** Everything that was looked at, also what is good. */
export function findingsOf(needs: Needs, problems: readonly Problem[]): Finding[] {
  const looked: Problem['about'][] = ['database', ...OVER_THE_DATABASE]
  if (needs.redisUrl) looked.push('queue store')
  if (needs.storage) looked.push('storage')
  // Where the database does not answer, nothing is known of what is asked over it.
  const silent = problems.some(({ about }) => about === 'database' || about === 'pooler')
  return looked.map((about) => {
    const messages = problems.filter((problem) => problem.about === about).map(({ message }) => message)
    const unknown = silent && OVER_THE_DATABASE.includes(about)
    return { about, state: messages.length > 0 ? 'wrong' : unknown ? 'unknown' : 'good', messages }
  })
}

const SIGNS = { good: '✓', wrong: '✗', unknown: '?' }

/** The findings as lines for a terminal. */
export const inWords = (findings: readonly Finding[]): string =>
  findings
    .flatMap(({ about, state, messages }) => [`${SIGNS[state]} ${about}`, ...messages.map((message) => `  ${message}`)])
    .join('\n')
