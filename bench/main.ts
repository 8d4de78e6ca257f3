import path from 'node:path'
import { createTestDatabase } from '@/scripts/test/database'
import { fairness } from './fairness'
import { submitToStart } from './submit-to-start'
import { compareThroughput } from './throughput'

// The figures of SPEC 10 that exist so far. `npm run bench -- --jobs 5000` for a shorter run.
const given = process.argv.indexOf('--jobs')
const jobs = given > 0 ? Number(process.argv[given + 1]) : 20_000
const redisUrl = process.env.TEST_REDIS_URL!
const workerFile = path.join(process.env.BENCH_DIST_DIR!, 'worker.mjs')

const database = await createTestDatabase()
let ok = true
try {
  ok = (await compareThroughput({ databaseUrl: database.url, redisUrl, jobs, workerFile })) && ok
  for (const backend of ['redis', 'postgresql'] as const) {
    const stores = { databaseUrl: database.url, redisUrl: backend === 'redis' ? redisUrl : undefined, workerFile, backend }
    ok = (await submitToStart(stores)) && ok
    ok = (await fairness({ ...stores, waiting: 5_000, durationMs: 200, bar: { worst: 500 } })) && ok
    ok = (await fairness({ ...stores, waiting: 5 * jobs, durationMs: 100, bar: { median: 250 } })) && ok
  }
} finally {
  await database.drop()
}
process.exit(ok ? 0 : 1)
