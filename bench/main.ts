import path from 'node:path'
import { parseArgs } from 'node:util'
import { createTestDatabase } from '@/testing/database'
import { bulkCancel } from './bulk'
import { fairness, longJobs } from './fairness'
import { growth } from './growth'
import { hardInput } from './hard-input'
import { importCsv } from './import-csv'
import { kindsOfWaitingWork, manyOrganizations } from './kinds'
import { submitOverHttp } from './submit-over-http'
import { submitToStart } from './submit-to-start'
import { limits } from './limits'
import { latencyUnderLoad } from './under-load'
import { longTransaction } from './long-transaction'
import { allReached, asJson, printMedians, printToStandardError } from './line'
import { reports } from './reports'
import { compareThroughput } from './throughput'
import { uploads } from './uploads'
import { watchers } from './watchers'

// Measures the figures of rule 10. `npm run bench -- --jobs 5000` is a shorter run. `--only throughput,latency` runs
// parts of it (also kinds, organizations, long, http, hard-input or a part of it, hard-bodies, hard-floods, hard-schemas, watchers, bulk, reports,
// import-csv, uploads, growth, long-transaction, under-load, limits). `--million` lets growth go up to a million jobs of each kind. `--rounds 3`
// measures each part so often, in turn, and prints median and spread. `--json` prints one JSON value, and the lines to the
// standard error.
const { values: options } = parseArgs({
  options: {
    jobs: { type: 'string', default: '20000' },
    only: { type: 'string' },
    rounds: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    million: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '60' },
  },
})
if (options.json) printToStandardError()
const jobs = Number(options.jobs)
const parts = options.only?.split(',')
const wants = (part: string) => parts === undefined || parts.includes(part)
/** The parts that take long, and compare Jobyard with itself alone, run where they are named. */
const named = (part: string) => parts?.includes(part) ?? false
const redisUrl = process.env.TEST_REDIS_URL!
const workerFile = path.join(process.env.BENCH_DIST_DIR!, 'worker.mjs')

// A signal alone would end this process without its exit handlers, which end the workers.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))

const database = await createTestDatabase()
let ok = true
try {
  for (let round = 0; round < Number(options.rounds); round++) {
    if (wants('throughput'))
      ok =
        (await compareThroughput({
          databaseUrl: database.url,
          redisUrl,
          redisPid: Number(process.env.BENCH_REDIS_PID),
          peersFolder: process.env.BENCH_PEERS_DIR!,
          jobs,
          workerFile,
        })) && ok
    for (const backend of wants('latency') ? (['redis', 'postgresql'] as const) : []) {
      const stores = {
        databaseUrl: database.url,
        redisUrl: backend === 'redis' ? redisUrl : undefined,
        workerFile,
        backend,
      }
      ok = (await submitToStart(stores)) && ok
      ok = (await fairness({ ...stores, waiting: 5_000, durationMs: 200, bar: { worst: 500 } })) && ok
      ok = (await fairness({ ...stores, waiting: 5 * jobs, durationMs: 100, bar: { median: 250 } })) && ok
    }
    for (const backend of wants('kinds') || wants('organizations') ? (['redis', 'postgresql'] as const) : []) {
      const stores = {
        databaseUrl: database.url,
        redisUrl: backend === 'redis' ? redisUrl : undefined,
        workerFile,
        backend,
      }
      if (wants('kinds')) ok = (await kindsOfWaitingWork(stores, [60_000, 1_000_000])) && ok
      if (wants('organizations')) ok = (await manyOrganizations(stores, 10_000)) && ok
    }
    for (const backend of wants('long') ? (['redis', 'postgresql'] as const) : []) {
      ok =
        (await longJobs({
          databaseUrl: database.url,
          redisUrl: backend === 'redis' ? redisUrl : undefined,
          workerFile,
          backend,
        })) && ok
    }
    for (const backend of wants('http') ? (['redis', 'postgresql'] as const) : []) {
      const stores = {
        databaseUrl: database.url,
        redisUrl: backend === 'redis' ? redisUrl : undefined,
        workerFile,
        backend,
      }
      ok = (await submitOverHttp({ ...stores, clone: process.env.BENCH_CLONE! })) && ok
    }
    const [bodies, floods, schemas] = ['hard-bodies', 'hard-floods', 'hard-schemas'].map(
      (part) => wants('hard-input') || wants(part),
    ) as [boolean, boolean, boolean]
    if (bodies || floods || schemas)
      ok =
        (await hardInput({ databaseUrl: database.url, clone: process.env.BENCH_CLONE!, bodies, floods, schemas })) && ok
    if (wants('watchers')) ok = (await watchers({ databaseUrl: database.url, clone: process.env.BENCH_CLONE! })) && ok
    if (wants('reports'))
      ok = (await reports({ databaseUrl: database.url, redisUrl, workerFile }, [5 * jobs, 50 * jobs])) && ok
    if (wants('import-csv'))
      ok = (await importCsv({ databaseUrl: database.url, redisUrl, workerFile }, [5 * jobs, 50 * jobs])) && ok
    if (wants('uploads'))
      ok = (await uploads({ databaseUrl: database.url, clone: process.env.BENCH_CLONE! }, 1024 ** 3)) && ok
    if (named('growth')) ok = (await growth(database.url, { million: options.million })) && ok
    if (named('limits')) ok = (await limits(database.url)) && ok
    if (named('under-load'))
      ok = (await latencyUnderLoad({ databaseUrl: database.url, redisUrl, workerFile, backend: 'redis' })) && ok
    if (named('long-transaction'))
      ok =
        (await longTransaction({
          databaseUrl: database.url,
          redisUrl,
          redisPid: Number(process.env.BENCH_REDIS_PID),
          workerFile,
          seconds: Number(options.seconds),
        })) && ok
    if (wants('bulk'))
      ok =
        (await bulkCancel({ databaseUrl: database.url, redisUrl, workerFile, backend: 'redis', waiting: 5 * jobs })) &&
        ok
  }
} finally {
  await database.drop()
}
printMedians()
if (options.json) process.stdout.write(`${JSON.stringify(asJson(), null, 2)}\n`)
// Of several rounds the median decides.
process.exit((Number(options.rounds) > 1 ? allReached() : ok) ? 0 : 1)
