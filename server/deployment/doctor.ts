// `node dist/doctor.mjs [--part web|worker|migrate|all] [--wait] [--quiet]`: looks at everything that a process needs
// before it starts, and says what to do about what is wrong. Exits with 1 where anything is wrong. `npm run web` and
// `npm run worker` ask it first, with --quiet: then it prints problems only, and with --wait it waits for those that may
// pass by themselves. A person calls it by `npm run doctor`.
import '@/server/private-files.mjs'
import { parseArgs } from 'node:util'
import { loadEnvFile } from '@/server/deployment/env-file.mjs'
import { orExit } from '@/server/env'
import { createLogger } from '@/server/logger'
import { checkAtStart, findProblems } from './at-start'
import { findingsOf, inWords, needsOf } from './diagnosis'

const { values: options } = parseArgs({
  options: {
    part: { type: 'string', default: 'all' },
    wait: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
  },
})
loadEnvFile()
const needs = orExit(() => needsOf(options.part, process.env))
if (options.quiet) await checkAtStart(needs, { wait: options.wait, logger: createLogger('doctor') })
else {
  const problems = await findProblems(needs)
  process.stdout.write(`${inWords(findingsOf(needs, problems))}\n`)
  process.exitCode = problems.length > 0 ? 1 : 0
}
