import { formatAtMost, formatRunning } from '@/app/_components/time'
import type { JobStatus, RunningJob } from '@/app/_trpc/types'

const lasting = (seconds: number) => formatRunning(seconds * 1000)

/**
 * A job that has spoken only within its first seconds counts as silent since its start. It has said that it begins, and
 * not how far it is.
 */
const AT_START_SECONDS = 5

/** Why a job looks stuck, as a sentence. Empty where it does not. */
export function stuckWords({ stuck, elapsedSeconds, p95Seconds }: RunningJob): string {
  if (!stuck) return ''
  const usual = p95Seconds === null ? '' : ` 95 of 100 such jobs end within ${formatAtMost(p95Seconds * 1000)}.`
  const silent = elapsedSeconds - stuck.quietSeconds < AT_START_SECONDS
  return stuck.reason === 'OVER_USUAL'
    ? `It has run for ${lasting(elapsedSeconds)}, and ${silent ? 'has said nothing since its start' : `was last heard of ${lasting(stuck.quietSeconds)} ago`}.${usual}`
    : `It has shown no progress and logged nothing for ${lasting(stuck.quietSeconds)}.${usual}`
}

/** Something that a running job has said. */
interface Sign {
  at: string
  text: string
  isLog: boolean
}

/**
 * What a running job said last, newest first: its last log line, and its progress where that was reported later. A log
 * line tells more of where a job hangs, so progress that is older than the line is left out.
 */
export function lastSigns({ lastLog, lastProgressAt, progress, progressMessage }: RunningJob): Sign[] {
  const newer = lastProgressAt && (!lastLog || Date.parse(lastProgressAt) > Date.parse(lastLog.at))
  return [
    ...(newer
      ? [{ at: lastProgressAt, text: `${progress} %${progressMessage ? `, ${progressMessage}` : ''}`, isLog: false }]
      : []),
    ...(lastLog ? [{ at: lastLog.at, text: lastLog.message, isLog: true }] : []),
  ]
}

/** What the dialog says that cancels a stuck job. Its job may end, or begin to wait, while the dialog is open. */
export function sinceAskedWords(status: JobStatus | 'DELETED'): string {
  switch (status) {
    case 'RUNNING':
      return 'Its handler gets the signal to stop and is ended if it does not. What it did so far is not undone.'
    case 'PENDING':
    case 'QUEUED':
      return 'It no longer runs, and waits to run again. If you cancel it, it will not.'
    case 'FAILED':
    case 'TIMED_OUT':
      return `${status === 'FAILED' ? 'It has failed' : 'It took too long and was ended'} meanwhile, and waits for another attempt. If you cancel it, there is none.`
    case 'COMPLETED':
      return 'It has completed meanwhile, so there is nothing to cancel.'
    case 'CANCELED':
      return 'It was canceled meanwhile, so there is nothing left to do.'
    case 'DEAD_LETTER':
      return 'It has failed for good meanwhile and is a dead letter, so there is nothing to cancel.'
    case 'DELETED':
      return 'It was deleted meanwhile, so there is nothing to cancel.'
  }
}

/** The name of a worker where its machine is not shown. It is the end of its id, as for jobs. */
export const workerName = (id: string) => id.slice(-8)
