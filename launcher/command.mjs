import { root } from './paths.mjs'
import { fail } from './say.mjs'
import { Shutdown } from './shutdown.mjs'

/**
 * Runs `npm start` or `npm run dev`. Processes that were started are stopped in order when a signal comes or the start
 * fails. A failed start ends this process with 1 and says why.
 * @param {(shutdown: Shutdown) => Promise<void>} start resolves once everything runs
 */
export async function runCommand(start) {
  process.chdir(root)
  const shutdown = new Shutdown()
  try {
    await start(shutdown)
  } catch (error) {
    // After a signal no error is printed. The signal has ended the step that failed, and nobody waits for it any more.
    if (shutdown.started) return
    await shutdown.stopAll()
    fail(error)
  }
}
