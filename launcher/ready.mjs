import { runFile } from './run-file.mjs'
import { inState } from './paths.mjs'
import { until } from './processes.mjs'
import { Refusal } from './say.mjs'

/**
 * Waits until both processes serve, or until a signal has begun to stop everything.
 * @param {string} url
 * @param {import('./supervisor.mjs').Supervisor} worker
 * @param {import('./shutdown.mjs').Shutdown} shutdown
 */
export async function untilReady(url, worker, shutdown, milliseconds = 60_000) {
  const up = async () => shutdown.started || (worker.ready && (await answers(url)))
  if (await until(up, milliseconds, 100)) return
  throw new Refusal(`${worker.ready ? 'The web server' : 'The worker'} does not come up; see ${inState('logs')}.`)
}

/** @param {string} url */
async function answers(url) {
  try {
    // The answer may take long: under `npm run dev` the page is built when it is first asked for.
    const { status } = await fetch(`${url}/sign-in`, { redirect: 'manual', signal: AbortSignal.timeout(30_000) })
    return status < 500
  } catch {
    return false
  }
}

/**
 * The few lines that a newcomer needs.
 * @param {import('./run-file.mjs').Run} run
 */
export function closingBlock({ url, redisUrl, accounts }) {
  const roles = ['ADMIN', 'OPERATOR', 'VIEWER', 'SYSTEM_ADMIN']
  const shown = roles.flatMap((role) => accounts.find((account) => account.role === role) ?? [])
  const width = Math.max(0, ...shown.map(({ email }) => email.length))
  const signIn = shown.map(
    ({ email, password, role }, at) =>
      `  ${(at === 0 ? 'Sign in as:' : '').padEnd(17)}${email.padEnd(width)}  ${password}  (${role})`,
  )
  return [
    '',
    `  ${'Jobyard is ready:'.padEnd(17)} ${url}`,
    ...signIn,
    `  ${'Queue:'.padEnd(17)}BullMQ on ${redisUrl ? 'Redis' : 'PostgreSQL'}`,
    `  ${'Keys and more:'.padEnd(17)}${runFile()}`,
    `  ${'Logs:'.padEnd(17)}${inState('logs')}`,
    '  Ctrl-C stops it.',
    '',
  ].join('\n')
}
