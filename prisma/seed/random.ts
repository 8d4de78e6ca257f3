import { v7 } from 'uuid'

/** A source of numbers. The same seed gives the same numbers, so that the same moment makes the same demo. */
export interface Random {
  /** A number from 0 to below 1, evenly distributed. */
  next(): number
  /** A whole number from `min` to `max`, both included, evenly distributed. */
  int(min: number, max: number): number
  chance(probability: number): boolean
  pick<T>(items: readonly T[]): T
  /** One of the items. A larger weight makes it more likely. */
  weighted<T>(items: readonly (readonly [T, number])[]): T
  /**
   * Log-normal: most numbers are near the median, and a few are much larger, as durations are. A larger `sigma` (0.4 if
   * left out) spreads them wider.
   */
  around(median: number, sigma?: number): number
  /** A UUIDv7 of that moment. */
  uuid(at: number): string
}

/** The generator is mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const int = (min: number, max: number) => min + Math.floor(next() * (max - min + 1))
  // Box and Muller's method. `1 - next()`, because 0 has no logarithm.
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
  const at = <T>(items: readonly T[], index: number): T => {
    const item = items[index]
    if (item === undefined) throw new RangeError('Nothing to pick from')
    return item
  }
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick: (items) => at(items, int(0, items.length - 1)),
    weighted(items) {
      let left = next() * items.reduce((sum, [, weight]) => sum + weight, 0)
      for (const [item, weight] of items) if ((left -= weight) < 0) return item
      // Rounding may leave nothing: then the last.
      return at(items, items.length - 1)[0]
    },
    around: (median, sigma = 0.4) => median * Math.exp(normal() * sigma),
    uuid: (at) => v7({ msecs: at, random: Uint8Array.from({ length: 16 }, () => int(0, 255)) }),
  }
}
