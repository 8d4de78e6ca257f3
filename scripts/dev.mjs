// `npm run dev`: the same databases as `npm start`, with code that reloads: `next dev`, and the worker,
// which is bundled and started anew when its code has changed.
import '../server/private-files.mjs'
import { inState, root } from '../launcher/paths.mjs'
import { watchWorker } from '../launcher/bundles.mjs'
import { webProcess, workerProcess } from '../launcher/children.mjs'
import { prepare } from '../launcher/prepare.mjs'
import { closingBlock, untilReady } from '../launcher/ready.mjs'
import { relayLoopback } from '../launcher/ports.mjs'
import { fail, say, step } from '../launcher/say.mjs'
import { Shutdown } from '../launcher/shutdown.mjs'

/** @param {Shutdown} shutdown */
async function develop(shutdown) {
  const { settings, port, url, env, releasePort, started, fillDatabase, announce } = await prepare(
    shutdown,
    'development',
  )
  /** @type {{ worker?: import('../launcher/supervisor.mjs').Supervisor }} */
  const running = {}
  const bundles = await step('Preparing the database', async () => {
    const watched = await watchWorker((file) => running.worker?.restart([file]))
    shutdown.atEnd(watched.remove)
    await fillDatabase([watched.entry('seed')])
    return watched
  })

  const worker = workerProcess({
    env,
    drainSeconds: Math.min(settings.drainSeconds, 2), // a developer waits for every restart
    logFile: inState('logs/worker.log'),
    args: [bundles.entry('worker')],
    onStart: started('worker'),
    heartbeat: false, // breakpoints
  })
  const web = webProcess({ env, port, host: settings.host, mode: 'dev', onStart: started('web') })
  running.worker = worker
  shutdown.stopFirst(worker)
  shutdown.stopFirst(web)
  await step('Starting web and worker', async () => {
    await releasePort()
    if (settings.host === 'localhost') await relayLoopback(port)
    await Promise.all([worker.start(), web.start()])
    await untilReady(url, worker, shutdown, 120_000)
  })
  if (!shutdown.started) say(closingBlock(announce()))
}

process.chdir(root)
const shutdown = new Shutdown()
try {
  await develop(shutdown)
} catch (error) {
  if (!shutdown.started) {
    await shutdown.stopAll()
    fail(error)
  }
}
