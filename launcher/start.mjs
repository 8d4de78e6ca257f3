import { buildServer, buildWeb, hashSources } from './build.mjs'
import { webProcess, workerProcess } from './children.mjs'
import { isFit } from './doctor.mjs'
import { prepareHandlers } from './handlers.mjs'
import { inRoot, inState } from './paths.mjs'
import { prepare } from './prepare.mjs'
import { closingBlock, untilReady } from './ready.mjs'
import { Refusal, say, step } from './say.mjs'

/**
 * `npm start`: from a fresh clone to a running Jobyard. Until the dependencies are installed, this file and the files
 * that it imports may use only what Node.js brings.
 * @param {import('./shutdown.mjs').Shutdown} shutdown
 */
export async function start(shutdown) {
  const { settings, port, url, env, releasePort, started, fillDatabase, announce } = await prepare(
    shutdown,
    'production',
  )
  const { host, drainSeconds } = settings
  const sources = hashSources()
  // The seed and the check of the database are programs of dist/, so the server is built first.
  await step('Preparing the database', async () => {
    await buildServer(sources)
    await fillDatabase()
    if (settings.databaseUrl && !(await isFit([], env))) throw new Refusal('Jobyard cannot start; see above.')
  })
  await buildWeb(sources, env)

  const handlers = await prepareHandlers(inRoot('dist'))
  const worker = workerProcess({
    env,
    handlers,
    drainSeconds,
    logFile: inState('logs/worker.log'),
    onStart: started('worker'),
  })
  const web = webProcess({ env, port, host, onStart: started('web') })
  shutdown.stopFirst(worker)
  shutdown.stopFirst(web)
  await step('Starting web and worker', async () => {
    await releasePort()
    await Promise.all([worker.start(), web.start()])
    await untilReady(url, worker, shutdown)
  })
  if (!shutdown.started) say(closingBlock(announce()))
}
