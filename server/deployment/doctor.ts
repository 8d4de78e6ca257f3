// `node dist/doctor.mjs [--part web|worker|migrate|all] [--wait] [--quiet]`: looks at everything that a process needs before it
// starts, and says what to do about what is wrong. Exits with 1 where anything is. `npm run web` and `npm run worker`
// ask it first; a person calls it by `npm run doctor`.
import '@/server/private-files.mjs'
import { parseArgs } from 'node:util'
import { loadEnvFile } from '@/server/deployment/env-file.mjs'
import { orExit, parseDatabaseEnv, parseWebEnv, parseWorkerEnv } from '@/server/env'
import { createLogger } from '@/server/logger'
import { checkAtStart, findProblems, type Needs } from './at-start'
import { needsOfWeb, needsOfWorker } from './needs'
import type { Problem } from './problem'

const { values: options } = parseArgs({
  options: {
    part: { type: 'string', default: 'all' },
    wait: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
  },
})
loadEnvFile()
const needs = needsOf(options.part)
if (options.quiet) await checkAtStart(needs, { wait: options.wait, logger: createLogger('doctor') })
else report(await findProblems(needs))

function needsOf(part: string): Needs {
  if (part === 'migrate')
    return { databaseUrl: orExit(() => parseDatabaseEnv(process.env)).DATABASE_URL, schema: false }
  const web = part === 'worker' ? null : needsOfWeb(orExit(() => parseWebEnv(process.env)))
  const worker = part === 'web' ? null : needsOfWorker(orExit(() => parseWorkerEnv(process.env)))
  return { ...(web ?? worker)!, ...worker, secrets: { ...web?.secrets, ...worker?.secrets } }
}

function report(problems: readonly Problem[]): void {
  const looked: Problem['about'][] = ['database', 'pooler', 'schema', 'clock', 'secrets']
  if (needs.redisUrl) looked.push('queue store')
  if (needs.storage) looked.push('storage')
  // Where the database does not answer, nothing is known of what is asked over it.
  const silent = problems.some(({ about }) => about === 'database' || about === 'pooler')
  for (const about of looked) {
    const found = problems.filter((problem) => problem.about === about)
    const unknown = silent && found.length === 0 && ['pooler', 'schema', 'clock', 'secrets'].includes(about)
    process.stdout.write(`${found.length > 0 ? '✗' : unknown ? '?' : '✓'} ${about}\n`)
    for (const { message } of found) process.stdout.write(`  ${message}\n`)
  }
  process.exitCode = problems.length > 0 ? 1 : 0
}
