import path from 'node:path'
import { createTestDatabase } from '@/testing/database'
import { bulkCancel } from './bulk'
import { fairness, longJobs } from './fairness'
import { growth } from './growth'
import { hardInput } from './hard-input'
import { importCsv } from './import-csv'
import { kindsOfHeldWork, kindsOfWaitingWork, manyOrganizations } from './kinds'
import { submitOverHttp } from './submit-over-http'
import { submitToStart } from './submit-to-start'
import { limits } from './limits'
import { latencyUnderLoad } from './under-load'
import { longTransaction } from './long-transaction'
import { million } from './million'
import { benchOptions } from './options.mjs'
import { allReached, asJson, printMedians, printToStandardError } from './line'
import { reports } from './reports'
import { compareThroughput } from './throughput'
import { uploads } from './uploads'
import { watchers } from './watchers'

// Measures the parts that options.mjs names, in turn, as often as `--rounds` says.
const { parts, jobs, rounds, seconds, json, million: upToAMillion } = benchOptions(process.argv.slice(2))
if (json) printToStandardError()
const redisUrl = process.env.TEST_REDIS_URL!
const workerFile = path.join(process.env.BENCH_DIST_DIR!, 'worker.mjs')

// A signal alone would end this process without its exit handlers, which end the workers.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))

const database = await createTestDatabase()
const databaseUrl = database.url
const onRedis = { databaseUrl, redisUrl, workerFile, backend: 'redis' }
const onPostgres = { databaseUrl, redisUrl: undefined, workerFile, backend: 'postgresql' }
const both = [onRedis, onPostgres]
const redisPid = Number(process.env.BENCH_REDIS_PID)
/** Only set where a part needs it (options.mjs). */
const clone = process.env.BENCH_CLONE ?? ''
const hard = { databaseUrl, clone, bodies: false, floods: false, schemas: false }

/** Each gives whether its figures reach their bars. Those of an array are measured one after the other. */
const MEASURES: Record<string, (() => Promise<boolean>)[]> = {
  throughput: [
    () =>
      compareThroughput({
        databaseUrl,
        redisUrl,
        redisPid,
        peersFolder: process.env.BENCH_PEERS_DIR!,
        jobs,
        workerFile,
      }),
  ],
  latency: both.flatMap((stores) => [
    () => submitToStart(stores),
    () => fairness({ ...stores, waiting: 5_000, durationMs: 200, bar: { worst: 500 } }),
    () => fairness({ ...stores, waiting: 5 * jobs, durationMs: 100, bar: { median: 250 } }),
  ]),
  kinds: both.map((stores) => () => kindsOfWaitingWork(stores, [60_000, 1_000_000])),
  held: [() => kindsOfHeldWork(onRedis, [10, 1_000, 10_000])],
  organizations: both.map((stores) => () => manyOrganizations(stores, 10_000)),
  long: both.map((stores) => () => longJobs(stores)),
  http: both.map((stores) => () => submitOverHttp({ ...stores, clone })),
  'hard-input': [() => hardInput({ ...hard, bodies: true, floods: true, schemas: true })],
  'hard-bodies': [() => hardInput({ ...hard, bodies: true })],
  'hard-floods': [() => hardInput({ ...hard, floods: true })],
  'hard-schemas': [() => hardInput({ ...hard, schemas: true })],
  watchers: [() => watchers({ databaseUrl, clone })],
  bulk: [() => bulkCancel({ ...onRedis, waiting: 5 * jobs })],
  reports: [() => reports({ databaseUrl, redisUrl, workerFile }, [5 * jobs, 50 * jobs])],
  'import-csv': [() => importCsv({ databaseUrl, redisUrl, workerFile }, [5 * jobs, 50 * jobs])],
  uploads: [() => uploads({ databaseUrl, clone }, 1024 ** 3)],
  million: [() => million({ clone })],
  growth: [() => growth(databaseUrl, { million: upToAMillion })],
  limits: [() => limits(databaseUrl)],
  'under-load': [() => latencyUnderLoad(onRedis)],
  'long-transaction': [() => longTransaction({ databaseUrl, redisUrl, redisPid, workerFile, seconds })],
}

let ok = true
try {
  for (let round = 0; round < rounds; round++)
    for (const part of parts) for (const measure of MEASURES[part]!) ok = (await measure()) && ok
} finally {
  await database.drop()
}
printMedians()
if (json) process.stdout.write(`${JSON.stringify(asJson(), null, 2)}\n`)
// Of several rounds the median decides.
process.exit((rounds > 1 ? allReached() : ok) ? 0 : 1)
