import { startBuiltWebProcess, type BuiltWebProcess } from '../testing/built-web-process'
import { clone, databaseUrl, nextAuthSecret } from './instance'

/**
 * Starts another web process of the instance under test. A test may restart it at any time, and must stop it.
 *
 * @param address of the database, where it does not go there directly
 */
export const startWebProcess = (address = databaseUrl): Promise<BuiltWebProcess> =>
  startBuiltWebProcess({ clone, databaseUrl: address, secret: nextAuthSecret(), env: { LOG_LEVEL: 'fatal' } })

/**
 * Starts several web processes at once. If one of them does not start, the others are stopped and the error is thrown.
 */
export async function startWebProcesses(count: number): Promise<BuiltWebProcess[]> {
  const results = await Promise.allSettled(Array.from({ length: count }, () => startWebProcess()))
  const started = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const failed = results.find((result) => result.status === 'rejected')
  if (!failed) return started
  await Promise.all(started.map((web) => web.stop()))
  throw failed.reason
}
