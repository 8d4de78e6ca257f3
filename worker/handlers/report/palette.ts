import type { ParentJob } from '@jobyard/handler'

/** The colours of charts and tables. Completed and failed differ in grey copies as well. */
export const PALETTE = {
  ink: '#0f172a',
  muted: '#64748b',
  faint: '#94a3b8',
  gridLine: '#e2e8f0',
  cardBackground: '#f8fafc',
  accent: '#4f46e5',
  completed: '#10b981',
  failed: '#e11d48',
} as const

/**
 * The label of each status in charts and legends, and its colour. Charts show the statuses in this order: first what
 * completed, then what is still to come, then what went wrong. In a grey copy some neighbours look alike. The order
 * and the figures of the legend tell which is which.
 */
const STATUSES: Record<ParentJob['status'], { label: string; color: string }> = {
  COMPLETED: { label: 'Completed', color: PALETTE.completed },
  PENDING: { label: 'Pending', color: PALETTE.faint },
  QUEUED: { label: 'Queued', color: '#38bdf8' },
  RUNNING: { label: 'Running', color: PALETTE.accent },
  FAILED: { label: 'Failed, will retry', color: '#f59e0b' },
  TIMED_OUT: { label: 'Timed out, will retry', color: '#f97316' },
  CANCELED: { label: 'Canceled', color: PALETTE.muted },
  DEAD_LETTER: { label: 'Dead letter', color: PALETTE.failed },
}
export const STATUS_ORDER: readonly string[] = Object.keys(STATUSES)

/** How charts and legends show a status. One that this version does not know is shown by its own name. */
export const styleOf = (status: string): { label: string; color: string } =>
  (STATUSES as Record<string, { label: string; color: string }>)[status] ?? { label: status, color: PALETTE.faint }
