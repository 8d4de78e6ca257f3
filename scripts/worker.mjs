// `npm run worker`: one worker for production, beside others on this machine or elsewhere. Keeps it
// alive as `npm start` does: starts it again when it dies, kills it when its event loop is deaf.
import { existsSync } from 'node:fs'
import { inRoot, root } from './start/paths.mjs'
import { buildServer, hashSources } from './start/build.mjs'
import { workerProcess } from './start/children.mjs'
import { probePostgres } from './start/probe-postgres.mjs'
import { probeRedis } from './start/probe-redis.mjs'
import { fail, Refusal } from './start/say.mjs'
import { loadEnvFile, readSettings } from './start/settings.mjs'
import { Shutdown } from './start/shutdown.mjs'

process.chdir(root)
try {
  loadEnvFile()
  const settings = readSettings(process.env)
  if (!settings.databaseUrl) throw new Refusal('DATABASE_URL is not set. A worker needs the database that the web processes use.')
  await Promise.all([probePostgres(settings.databaseUrl), settings.redisUrl && probeRedis(settings.redisUrl)])
  // An image for production holds the bundle, and not what it was made from or with.
  if (existsSync(inRoot('worker/main.ts')) && existsSync(inRoot('node_modules/esbuild'))) await buildServer(hashSources())
  if (!existsSync(inRoot('dist/worker.mjs'))) throw new Refusal('dist/worker.mjs is missing. Run `npm run build` first.')
  const shutdown = new Shutdown()
  const worker = workerProcess({ env: { ...process.env, NODE_ENV: process.env.NODE_ENV ?? 'production' }, drainSeconds: settings.drainSeconds })
  shutdown.stopFirst(worker)
  await worker.start()
} catch (error) {
  fail(error)
}
