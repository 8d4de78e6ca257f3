// `npm start`: from a fresh clone to a running Jobyard. Only what Node brings may be imported here
// and below before the dependencies are installed.
import '../server/private-files.mjs'
import { inState, root } from '../launcher/paths.mjs'
import { buildServer, buildWeb, hashSources } from '../launcher/build.mjs'
import { webProcess, workerProcess } from '../launcher/children.mjs'
import { prepare } from '../launcher/prepare.mjs'
import { closingBlock, untilReady } from '../launcher/ready.mjs'
import { fail, say, step } from '../launcher/say.mjs'
import { Shutdown } from '../launcher/shutdown.mjs'

/** @param {Shutdown} shutdown */
async function start(shutdown) {
  const { settings, port, url, env, releasePort, started, fillDatabase, announce } = await prepare(
    shutdown,
    'production',
  )
  const { host, drainSeconds } = settings
  const sources = hashSources()
  await step('Preparing the database', async () => {
    await buildServer(sources)
    await fillDatabase()
  })
  await buildWeb(sources, env)

  const worker = workerProcess({ env, drainSeconds, logFile: inState('logs/worker.log'), onStart: started('worker') })
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

process.chdir(root)
const shutdown = new Shutdown()
try {
  await start(shutdown)
} catch (error) {
  // A signal ends the command that runs, whose failure then is no news.
  if (!shutdown.started) {
    await shutdown.stopAll()
    fail(error)
  }
}
