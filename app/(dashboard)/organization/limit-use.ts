/** How near a limit something is. */
export type Nearness = 'free' | 'near' | 'full'

export interface LimitUse {
  /** How far the bar reaches, from 0 to 100. Above the limit it stays at 100. */
  percent: number
  nearness: Nearness
}

/** From this share on, somebody should look. */
const NEAR = 0.8

/**
 * How much of a limit is used, for drawing its bar.
 * @param limit null where there is none, so that there is no bar. A limit of 0 admits nothing, so it is always full.
 */
export function limitUse(used: number, limit: number | null): LimitUse | null {
  if (limit === null) return null
  if (limit === 0 || used >= limit) return { percent: 100, nearness: 'full' }
  const share = used / limit
  return { percent: Math.floor(share * 100), nearness: share >= NEAR ? 'near' : 'free' }
}

/**
 * Where the mark of a peak stands on the bar, in percent. A peak above the limit stands at the end. Null where there is
 * no bar.
 */
export const peakMark = (peak: number, limit: number | null): number | null =>
  limit === null || limit === 0 ? null : Math.min(100, (peak / limit) * 100)
