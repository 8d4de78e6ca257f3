/** Why an organization needs a look before others. */
export const OUTLIER_MARKS = ['QUOTA', 'FAILURES', 'WAIT', 'SLOTS', 'HELD'] as const
export type OutlierMark = (typeof OUTLIER_MARKS)[number]

/** The figures of one organization that are compared with those of the others. */
export interface Load {
  /** Jobs whose time has come and that are in no queue yet, whether or not something holds them back. */
  waiting: number
  /** The share of the limit of unfinished jobs that is used. Null where there is no limit. */
  quotaUse: number | null
  /** Attempts with an outcome, and the share of them that failed. The share is null where there are none. */
  outcomes: number
  failureRate: number | null
  /** 95 of 100 of its jobs waited at most this many seconds. Null where none was measured. */
  waitP95: number | null
  /**
   * How many slots it has for each slot of its fair share, in the queue where that is most. Null where it has no share.
   */
  ofShare: number | null
  /** It is paused or suspended. */
  held: boolean
}

/** The share of its limit from which on an organization is near it. */
const QUOTA_NEAR = 0.8
/** The share of failures from which on somebody should look. */
const FAILING = 0.2
/** As many outcomes as a circuit needs (rule 4.12). */
const ENOUGH_OUTCOMES = 10
/** Waiting is long where it is this many times the median of all organizations, and at least this many seconds. */
export const TIMES_MEDIAN = 4
const LONG_SECONDS = 30
/** How many times its fair share of the slots an organization has to hold, while others wait, to stand out. */
const SHARES = 1.5
/** The most that one figure adds to the score. */
const MOST = 10

/** How far an organization lies out, and by which of its figures, the farthest first. */
export interface Outlier {
  score: number
  marks: OutlierMark[]
}

/**
 * How far an organization lies out. Each figure counts by how far it is beyond the point from which it is a mark, so a
 * quota that is full comes after a failure rate of 100 %.
 *
 * @param medianWait the middle one of the waits (p95) of all organizations. Null where none was measured
 */
export function outlierOf(load: Load, medianWait: number | null): Outlier {
  const longWait = Math.max(LONG_SECONDS, TIMES_MEDIAN * (medianWait ?? 0))
  const beyond: Record<OutlierMark, number> = {
    QUOTA: (load.quotaUse ?? 0) / QUOTA_NEAR,
    FAILURES: load.outcomes >= ENOUGH_OUTCOMES ? (load.failureRate ?? 0) / FAILING : 0,
    WAIT: (load.waitP95 ?? 0) / longWait,
    SLOTS: (load.ofShare ?? 0) / SHARES,
    HELD: load.held && load.waiting > 0 ? 1 + Math.log10(load.waiting) : 0,
  }
  const marks = OUTLIER_MARKS.filter((mark) => beyond[mark] >= 1).sort((a, b) => beyond[b] - beyond[a])
  return { score: marks.reduce((sum, mark) => sum + Math.min(beyond[mark], MOST), 0), marks }
}

/** The middle one of these numbers, the lower one where there are two. Null where there are no numbers. */
export function median(values: readonly number[]): number | null {
  const rising = [...values].sort((a, b) => a - b)
  return rising[Math.floor((rising.length - 1) / 2)] ?? null
}
