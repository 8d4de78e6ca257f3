// `npm run dev`: the same databases as `npm start`, with code that reloads: `next dev`, and the worker
// under tsx, which starts it anew when one of its files changes.
import { inRoot, inState, root } from './start/paths.mjs'
import { webProcess, workerProcess } from './start/children.mjs'
import { prepare } from './start/prepare.mjs'
import { closingBlock, untilReady } from './start/ready.mjs'
import { fail, say, step } from './start/say.mjs'
import { Shutdown } from './start/shutdown.mjs'

const tsx = ['--import', 'tsx']

/** @param {Shutdown} shutdown */
async function develop(shutdown) {
  const { settings, port, url, env, releasePort, started, fillDatabase, announce } = await prepare(shutdown, 'development')
  await step('Preparing the database', () => fillDatabase([...tsx, inRoot('prisma/seed.ts')]))

  const worker = workerProcess({
    env,
    drainSeconds: Math.min(settings.drainSeconds, 2), // a developer waits for every restart
    logFile: inState('logs/worker.log'),
    args: ['--watch', '--watch-preserve-output', ...tsx, inRoot('worker/main.ts')],
    onStart: started('worker'),
    heartbeat: false, // breakpoints
  })
  const web = webProcess({ env, port, host: settings.host, mode: 'dev', onStart: started('web') })
  shutdown.stopFirst(worker)
  shutdown.stopFirst(web)
  await step('Starting web and worker', async () => {
    await releasePort()
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
