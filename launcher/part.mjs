import '../server/private-files.mjs'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { inRoot, root } from './paths.mjs'
import { buildServer, hashSources } from './build.mjs'
import { isFit } from './doctor.mjs'
import { prepareHandlers } from './handlers.mjs'
import { probePostgres } from './probe-postgres.mjs'
import { probeRedis } from './probe-redis.mjs'
import { fail, Refusal, sayAsJson } from './say.mjs'
import { loadEnvFile, readSettings, refuseUnusableBucket, refuseUnusableStorage } from './settings.mjs'
import { Shutdown } from './shutdown.mjs'

/**
 * Runs one part of a deployment, a web or a worker process, and keeps it alive as `npm start` does: starts it again
 * when it dies, kills it when its event loop is silent.
 * @param {'web' | 'worker'} name
 * @param {(given: { settings: import('./settings.mjs').Settings, env: import('./processes.mjs').Environment, sources: string | null, handlers: string | null }) => Promise<{ process: import('./supervisor.mjs').Supervisor, beforeStart?: () => Promise<void> }>} prepare
 *   `sources`: what the build should be made of; null where only the built thing is there. `handlers`: the build of
 *   one's own handlers; null where there is none, or where it lies beside the worker already
 */
export async function runPart(name, prepare) {
  process.chdir(root)
  try {
    loadEnvFile()
    if (!process.stdout.isTTY) sayAsJson()
    const settings = readSettings(process.env)
    if (!settings.databaseUrl)
      throw new Refusal(
        `DATABASE_URL is not set. \`npm run ${name}\` needs the database that the other processes use; \`npm start\` brings one of its own.`,
      )
    // With --wait the servers may still be coming up, and the process itself waits for them.
    if (!process.argv.includes('--wait'))
      await Promise.all([
        probePostgres(settings.databaseUrl),
        // A web process never speaks to Redis, so it starts also while Redis is away.
        name === 'worker' && settings.redisUrl && probeRedis(settings.redisUrl),
      ])
    if (process.env.STORAGE_S3_BUCKET) await refuseUnusableBucket(process.env)
    else refuseUnusableStorage(path.resolve(process.env.STORAGE_DIR ?? '.local/storage'))
    // An image for production holds only the bundle, and not the sources that it was made from.
    const sources =
      existsSync(inRoot('worker/main.ts')) && existsSync(inRoot('node_modules/esbuild')) ? hashSources() : null
    if (sources) await buildServer(sources)
    const handlers = sources && name === 'worker' ? await prepareHandlers(inRoot('dist')) : null
    if (!existsSync(inRoot(`dist/${name}.mjs`)))
      throw new Refusal(`dist/${name}.mjs is missing. Run \`npm run build\` first.`)
    if (!(await isFit(['--part', name, ...(process.argv.includes('--wait') ? ['--wait'] : [])]))) process.exit(1)
    const shutdown = new Shutdown()
    const { process: part, beforeStart } = await prepare({
      settings,
      env: { ...process.env, NODE_ENV: process.env.NODE_ENV ?? 'production' },
      sources,
      handlers,
    })
    shutdown.stopFirst(part)
    await beforeStart?.()
    await part.start()
  } catch (error) {
    fail(error)
  }
}
