import type { BulkAction } from '@/app/_trpc/types'

/** The label and the colours of each state of a bulk action. */
export const BULK_STATE: Record<BulkAction['status'], { label: string; soft: string }> = {
  RUNNING: { label: 'Goes on', soft: 'bg-running-soft text-running' },
  COMPLETED: { label: 'Done', soft: 'bg-completed-soft text-completed' },
  ABORTED: { label: 'Stopped', soft: 'bg-warning-soft text-warning' },
}

/** How many jobs were skipped, for any reason. */
export const skippedOf = ({ skipped }: Pick<BulkAction, 'skipped'>): number =>
  Object.values(skipped).reduce((sum, count) => sum + (count ?? 0), 0)

/** The progress in whole percent. It reaches 100 only at the end. */
export const percentOf = ({ matched, processed }: Pick<BulkAction, 'matched' | 'processed'>): number =>
  matched === 0 ? 100 : Math.floor((100 * processed) / matched)

/**
 * The pace of a bulk action, such as "41 jobs a second, about 2m 05s left". Empty where it is not known. The pace of a
 * backfill is in planned times, because not each of them becomes a job.
 */
export function paceWords(
  { perSecond, secondsLeft, backfill }: Pick<BulkAction, 'perSecond' | 'secondsLeft' | 'backfill'>,
  duration: (ms: number) => string,
): string {
  if (perSecond === null) return ''
  const number =
    perSecond < 0.1 ? 'less than 0.1' : (perSecond < 10 ? perSecond : Math.round(perSecond)).toLocaleString('en')
  const [one, many] = backfill ? ['time', 'times'] : ['job', 'jobs']
  const rate = `${number} ${number === '1' ? one : many} a second`
  return secondsLeft === null ? rate : `${rate}, about ${duration(secondsLeft * 1000)} left`
}
