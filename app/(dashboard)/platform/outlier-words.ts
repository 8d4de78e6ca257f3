import { formatCount, formatDuration, formatPercent } from '@/app/_components/time'
import type { PlatformRow } from '@/app/_trpc/types'
import { TIMES_MEDIAN } from '@/server/engine/domain/outliers'

// The words of the platform page for organizations that stand out.

export type OutlierMark = PlatformRow['outliers'][number]

export const MARK_LABEL: Record<OutlierMark, string> = {
  QUOTA: 'Quota',
  FAILURES: 'Failures',
  WAIT: 'Long waits',
  SLOTS: 'Above its share',
  HELD: 'Held',
}

/** Why an organization has a mark, as a sentence with the figures that led to it. */
export function markReason(mark: OutlierMark, row: PlatformRow): string {
  switch (mark) {
    case 'QUOTA':
      return `${formatPercent(row.quotaUse)} of the limit of unfinished jobs is used.`
    case 'FAILURES':
      return `${formatCount(row.failed)} of ${formatCount(row.failed + row.completed)} attempts failed.`
    case 'WAIT':
      return `The wait (p95) is ${waitText(row.waitP95)}, at least ${TIMES_MEDIAN} times the usual one of an organization.`
    case 'SLOTS':
      return `It has ${formatCount(row.slots?.held ?? 0)} slots. Its fair share is ${shareText(row.slots?.fairShare ?? 0)}, and others wait.`
    case 'HELD': {
      const state = row.status === 'ACTIVE' ? 'paused' : 'suspended'
      return `It is ${state}, and ${formatCount(row.waiting)} of its jobs ${row.waiting === 1 ? 'waits' : 'wait'}.`
    }
  }
}

export const waitText = (seconds: number | null): string => (seconds === null ? '–' : formatDuration(seconds * 1000))

/** The slots that an organization has, then its fair share: "8 / 2.5" where it has 8 and its share is 2.5. */
export const slotsText = (slots: PlatformRow['slots']): string =>
  slots === null ? '–' : `${formatCount(slots.held)} / ${shareText(slots.fairShare)}`

/** With at most one decimal below 10, and in whole slots from there on. */
const shareText = (share: number): string => formatCount(share >= 10 ? Math.round(share) : Number(share.toFixed(1)))
