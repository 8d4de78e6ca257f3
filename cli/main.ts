// `npm run jobyard -- COMMAND` (scripts/jobyard.mjs). Exits with 1 where a command could not do what was asked.
// First: from here on, only its own user may read the files that this process writes.
import '@/server/private-files.mjs'
import { run } from './run'

// The reader of the output may end first, as in `jobyard jobs | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
})
