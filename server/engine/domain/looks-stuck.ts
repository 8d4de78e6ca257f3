/** What is known of an attempt that runs, at the moment at which it is judged. */
export interface RunSoFar {
  /** How long it has run, in seconds. */
  elapsedSeconds: number
  /** Seconds since it last reported progress or wrote a log line, or since it began where it did neither. */
  quietSeconds: number
  /** 95 of 100 runs of its job type took at most this many seconds. Null where too few are known. */
  p95Seconds: number | null
}

/** OVER_USUAL: it runs for over three times the p95 and is quiet. SILENT: it has reported nothing for minutes. */
export type StuckReason = 'OVER_USUAL' | 'SILENT'

/** How many times the p95 a run may take. */
const TIMES_USUAL = 3
/** A job that reported within this time is slow, and not stuck. */
const REPORTED_LATELY_SECONDS = 60
/** A job may be quiet for as long as the runs of its type take. These are the least and the most. */
const SHORTEST_SILENCE_SECONDS = 120
const LONGEST_SILENCE_SECONDS = 600

/** An attempt that began or reported less than this many seconds ago does not look stuck. */
export const QUIET_SECONDS = Math.min(REPORTED_LATELY_SECONDS, SHORTEST_SILENCE_SECONDS)

/**
 * Why an attempt looks stuck, or null where it does not (rule 4.19). A slow job that goes on reporting never does.
 *
 * A job type whose runs take four minutes without a word is quiet for four minutes as a rule. So silence is measured
 * against the p95 as well, between two minutes and ten.
 */
export function looksStuck({ elapsedSeconds, quietSeconds, p95Seconds }: RunSoFar): StuckReason | null {
  if (p95Seconds !== null && elapsedSeconds > TIMES_USUAL * p95Seconds && quietSeconds >= REPORTED_LATELY_SECONDS)
    return 'OVER_USUAL'
  const silence = Math.min(Math.max(p95Seconds ?? 0, SHORTEST_SILENCE_SECONDS), LONGEST_SILENCE_SECONDS)
  return quietSeconds >= silence ? 'SILENT' : null
}
