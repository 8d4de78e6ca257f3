/** Random expressions of five fields, the same for the same seed. */
export function randomExpressions(seed: number, count: number): string[] {
  const random = createRandom(seed)
  return Array.from({ length: count }, () => expression(random))
}

/** Numbers from 0 to 1 (mulberry32), the same for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

function expression(random: () => number): string {
  const pick = <T>(...of: T[]): T => of[Math.floor(random() * of.length)]!
  const number = (least: number, most: number) => least + Math.floor(random() * (most - least + 1))
  const range = (least: number, most: number) => {
    const from = number(least, most)
    return `${from}-${number(from, most)}`
  }
  const field = (least: number, most: number, wild: number): string => {
    if (random() < wild) return '*'
    return pick(
      () => `${number(least, most)}`,
      () => `${number(least, most)}`,
      () => [...new Set(Array.from({ length: number(2, 4) }, () => number(least, most)))].join(','),
      () => range(least, most),
      () => `*/${number(2, Math.max(2, Math.floor((most - least) / 2)))}`,
      () => `${range(least, most)}/${number(1, 4)}`,
    )()
  }
  // Hours around changes of the clock are as likely as all others together.
  const hour = random() < 0.5 ? pick('2', '1,2', '0-3', '2-3', '1', '3', '0', '*/2', '*') : field(0, 23, 0.2)
  return [field(0, 59, 0.1), hour, field(1, 31, 0.5), field(1, 12, 0.6), field(0, 6, 0.5)].join(' ')
}
