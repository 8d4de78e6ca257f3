import { setTimeout as sleep } from 'node:timers/promises'
import { createDb } from '@/server/db'
import { runSchedules } from '@/server/engine'

// Tests start several of this process to kill them: each submits the runs that are due, and does nothing else.
const db = createDb(process.env.DATABASE_URL ?? '', { max: 5, applicationName: 'jobyard-scheduler-test' })
process.stdout.write('ready\n')
for (;;) {
  await runSchedules(db, { forMs: 500 })
  await sleep(5)
}
