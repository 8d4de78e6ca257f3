/** How near a limit something is. */
export type Nearness = 'free' | 'near' | 'full'

export interface LimitUse {
  /** 0 to 100: how far the bar reaches. Above the limit it stays at 100. */
  percent: number
  nearness: Nearness
}

/** From four fifths on somebody should look. */
const NEAR = 0.8

/** @param limit null: there is none, so that there is no bar to draw. 0 admits nothing: it is full from the start. */
export function limitUse(used: number, limit: number | null): LimitUse | null {
  if (limit === null) return null
  if (limit === 0 || used >= limit) return { percent: 100, nearness: 'full' }
  const share = used / limit
  return { percent: Math.floor(share * 100), nearness: share >= NEAR ? 'near' : 'free' }
}

/** Where the mark of a peak stands on the bar, in percent. Null: there is no bar. Above the limit it stays at its end. */
export const peakMark = (peak: number, limit: number | null): number | null =>
  limit === null || limit === 0 ? null : Math.min(100, (peak / limit) * 100)
