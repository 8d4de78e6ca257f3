import { formatCount, formatDuration, formatPercent } from '@/app/_components/time'
import type { PlatformRow } from '@/app/_trpc/types'

export type Mark = PlatformRow['outliers'][number]

export const MARK_LABEL: Record<Mark, string> = {
  QUOTA: 'Quota',
  FAILURES: 'Failures',
  WAIT: 'Long waits',
  SLOTS: 'Above its share',
  HELD: 'Held',
}

/** Why an organization has a mark, as a sentence with the figures that led to it. */
export function markReason(mark: Mark, row: PlatformRow): string {
  switch (mark) {
    case 'QUOTA':
      return `${formatPercent(row.quotaUse)} of the limit of unfinished jobs is used.`
    case 'FAILURES':
      return `${formatCount(row.failed)} of ${formatCount(row.failed + row.completed)} attempts failed.`
    case 'WAIT':
      return `The wait (p95) is ${waitText(row.waitP95)}, at least four times that of most.`
    case 'SLOTS':
      return `It has ${slotsText(row.slots)} slots of its fair share, while others wait.`
    case 'HELD':
      return `It is ${row.status === 'ACTIVE' ? 'paused' : 'suspended'} while ${formatCount(row.waiting)} of its jobs wait.`
  }
}

export const waitText = (seconds: number | null): string => (seconds === null ? '–' : formatDuration(seconds * 1000))

/** The slots that an organization has, and its fair share, such as "8 of 2.5". */
export function slotsText(slots: PlatformRow['slots']): string {
  if (slots === null) return '–'
  const { held, fairShare } = slots
  const share = fairShare >= 10 ? Math.round(fairShare) : Number(fairShare.toFixed(1))
  return `${formatCount(held)} of ${formatCount(share)}`
}
