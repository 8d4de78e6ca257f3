import { watchWorker } from './bundles.mjs'
import { webProcess, workerArgs, workerProcess } from './children.mjs'
import { inState } from './paths.mjs'
import { relayLoopback } from './ports.mjs'
import { prepare } from './prepare.mjs'
import { closingBlock, untilReady } from './ready.mjs'
import { say, step } from './say.mjs'

/** `npm run dev -- --inspect` (or `--inspect=PORT`) lets a debugger into the worker. */
const inspectFlags = process.argv.slice(2).filter((flag) => /^--inspect(?:-brk)?(?:=[\w.:]+)?$/.test(flag))

/**
 * `npm run dev`: the same databases as `npm start`, with code that reloads. `next dev` serves the dashboard. The worker
 * is bundled, and started again when its code has changed.
 * @param {import('./shutdown.mjs').Shutdown} shutdown
 */
export async function develop(shutdown) {
  const { settings, port, url, env, releasePort, started, fillDatabase, announce } = await prepare(
    shutdown,
    'development',
  )
  /** @type {{ worker?: import('./supervisor.mjs').Supervisor }} */
  const running = {}
  const bundles = await step('Preparing the database', async () => {
    const watched = await watchWorker({
      onChange: (args, handlers) => running.worker?.restart(workerArgs([...inspectFlags, ...args], handlers)),
      onHandlers: (args, handlers) =>
        running.worker?.tell({ type: 'handlers', folder: handlers }, workerArgs([...inspectFlags, ...args], handlers)),
    })
    shutdown.atEnd(watched.remove)
    await fillDatabase([watched.entry('seed')])
    return watched
  })

  const drainSeconds = Math.min(settings.drainSeconds, 2) // A developer waits for every restart, so it is short.
  const worker = workerProcess({
    env: { ...env, DRAIN_SECONDS: String(drainSeconds) },
    drainSeconds,
    logFile: inState('logs/worker.log'),
    args: [...inspectFlags, bundles.entry('worker')],
    handlers: bundles.handlers(),
    onStart: started('worker'),
    heartbeat: false, // A worker that has stopped at a breakpoint does not answer.
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
