/** The colours of charts and tables. They are legible in print and in grey copies. */
export const PALETTE = {
  ink: '#0f172a',
  muted: '#64748b',
  faint: '#94a3b8',
  line: '#e2e8f0',
  wash: '#f8fafc',
  accent: '#4f46e5',
  completed: '#10b981',
  failed: '#e11d48',
} as const

/** The name of each status in a sentence, and its colour, in the order in which a job passes them. */
export const STATUSES: Record<string, { label: string; color: string }> = {
  COMPLETED: { label: 'Completed', color: PALETTE.completed },
  PENDING: { label: 'Pending', color: '#94a3b8' },
  QUEUED: { label: 'Queued', color: '#38bdf8' },
  RUNNING: { label: 'Running', color: '#4f46e5' },
  FAILED: { label: 'Failed, will retry', color: '#f59e0b' },
  TIMED_OUT: { label: 'Timed out, will retry', color: '#f97316' },
  CANCELED: { label: 'Canceled', color: '#64748b' },
  DEAD_LETTER: { label: 'Dead letter', color: PALETTE.failed },
}
