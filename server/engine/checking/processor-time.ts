import { readFileSync, readlinkSync } from 'node:fs'

/** What a thread tells when a check begins. */
export interface Begun {
  /** Its name (`nameOfThread`). */
  thread: string | null
  /** What the processor has worked for the thread until then, milliseconds. Null where nobody tells. */
  used: number | null
}

/**
 * Milliseconds for which the processor has worked since a check began. Where nobody tells, those of the clock count.
 * @param from when it began, by this thread's `performance.now()`
 */
export function usedSince({ thread, used }: Begun, from: number): number {
  const now = processorTime(thread)
  return now === null || used === null ? performance.now() - from : now - used
}

/**
 * How a thread names itself to others, so that they can read its processor time; null where the system has no such
 * name.
 */
export function nameOfThread(): string | null {
  try {
    return readlinkSync('/proc/thread-self')
  } catch {
    return null
  }
}

/**
 * Milliseconds for which a processor has worked for a thread since it began. Unlike the time of the clock they do not
 * grow while a busy machine runs something else. Only Linux tells; Node.js tells it only since version 23.9, and only
 * of the thread that asks. Null where it cannot be read, or where the kernel counts nothing.
 */
export function processorTime(thread: string | null): number | null {
  if (thread === null) return null
  try {
    // Documentation/scheduler/sched-stats.rst: the first number is "time spent on the cpu (in nanoseconds)".
    const used = Number(readFileSync(`/proc/${thread}/schedstat`, 'latin1').split(' ')[0])
    return used > 0 ? used / 1e6 : null
  } catch {
    return null
  }
}
