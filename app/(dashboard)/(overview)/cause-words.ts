import { formatCount } from '@/app/_components/time'
import type { FailingCause } from '@/app/_trpc/types'

/** What goes on with the jobs of a cause that are not dead, in a few words. */
export interface CauseWords {
  /** About jobs that a list can show: "3 retry, 7 wait: circuit open". Null where there are none. */
  listed: string | null
  /** How many jobs that list has. */
  count: number
  /** When the first of them is tried again. Null where no planned time tells that. */
  next: string | null
  /**
   * About jobs that run again, or that nothing is left: "2 run again", "all ended". Null where `listed` says it all.
   */
  rest: string | null
}

/**
 * A cause of which nothing is dead does not always mend itself. Somebody may have retried its jobs, an open circuit may
 * hold them, or they may all have ended.
 */
export function causeWords({ open, dead }: Pick<FailingCause, 'open' | 'dead'>, circuitOpen: boolean): CauseWords {
  const { retrying, waiting, running, nextRetryAt } = open
  const parts = [
    ...(retrying > 0 ? [`${formatCount(retrying)} ${retrying === 1 ? 'retries' : 'retry'}`] : []),
    ...(waiting > 0 ? [`${formatCount(waiting)} ${waiting === 1 ? 'waits' : 'wait'}`] : []),
  ]
  const held = circuitOpen && parts.length > 0 ? ': circuit open' : ''
  return {
    listed: parts.length > 0 ? `${parts.join(', ')}${held}` : null,
    count: retrying + waiting,
    // While a circuit is open, the planned time does not hold. Jobs that somebody retried may start before it.
    next: circuitOpen || waiting > 0 ? null : nextRetryAt,
    rest:
      running > 0
        ? `${formatCount(running)} ${running === 1 ? 'runs' : 'run'} again`
        : parts.length === 0 && dead === 0
          ? 'all ended'
          : null,
  }
}
