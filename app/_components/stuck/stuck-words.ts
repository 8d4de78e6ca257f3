import { formatAtMost, formatRunning } from '@/app/_components/time'
import type { RunningJob } from '@/app/_trpc/types'

const lasting = (seconds: number) => formatRunning(seconds * 1000)

const AT_START_SECONDS = 5

/** Why a job looks stuck, as a sentence. Empty where it does not. */
export function stuckWords({ stuck, elapsedSeconds, p95Seconds }: RunningJob): string {
  if (!stuck) return ''
  const usual = p95Seconds === null ? '' : ` 95 of 100 such jobs end within ${formatAtMost(p95Seconds * 1000)}.`
  // What it said at its very start tells nobody how far it is.
  const silent = elapsedSeconds - stuck.quietSeconds < AT_START_SECONDS
  return stuck.reason === 'OVER_USUAL'
    ? `It has run for ${lasting(elapsedSeconds)}, and ${silent ? 'has said nothing since its start' : `was last heard of ${lasting(stuck.quietSeconds)} ago`}.${usual}`
    : `It has shown no progress and logged nothing for ${lasting(stuck.quietSeconds)}.${usual}`
}

/** The name of a worker where its machine is not shown. It is the end of its id, as for jobs. */
export const workerName = (id: string) => id.slice(-8)
