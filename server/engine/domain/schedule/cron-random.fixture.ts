/** Random expressions of five fields, the same for the same seed. */
export function randomExpressions(seed: number, count: number): string[] {
  const random = createRandom(seed)
  return Array.from({ length: count }, () => expression(random))
}

/**
 * Random expressions with all that rule 4.28 accepts beside digits: seconds, names, nicknames, `L`, `W`, `#`, 7 for
 * Sunday, and lists of ranges. The same seed gives the same expressions.
 */
export function extendedExpressions(seed: number, count: number): string[] {
  const random = createRandom(seed)
  return Array.from({ length: count }, () => extended(random))
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

function extended(random: () => number): string {
  const pick = <T>(...of: T[]): T => of[Math.floor(random() * of.length)]!
  const number = (least: number, most: number) => least + Math.floor(random() * (most - least + 1))
  if (random() < 0.05) return pick('@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly')
  const range = (least: number, most: number) => {
    const from = number(least, most)
    return `${from}-${number(from, most)}`
  }
  const few = (least: number, most: number) =>
    pick(
      () => `${number(least, most)}`,
      () => `${number(least, most)},${number(least, most)}`,
      () => `${range(least, most)},${number(least, most)}`,
    )()
  const name = (names: string[]) => {
    const from = number(0, names.length - 1)
    return pick(
      names[from]!,
      `${names[from]}-${names[number(from, names.length - 1)]}`,
      `${names[from]},${pick(...names)}`,
    )
  }
  const day = pick(
    () => '*',
    () => '?',
    () => 'L',
    () => 'LW',
    () => `${number(1, 28)}W`,
    () => few(1, 31),
    () => `*/${number(2, 10)}`,
  )()
  // What stands here twice comes twice as often.
  const month = pick(
    () => '*',
    () => '*',
    () => name(MONTHS),
    () => few(1, 12),
  )()
  const weekday = pick(
    () => '*',
    () => '*',
    () => name(DAYS),
    () => `${pick(...DAYS)}#${number(1, 5)}`,
    () => `${number(0, 6)}L`,
    () => few(0, 6),
    () => `${range(1, 6)},7`,
  )()
  const five = [few(0, 59), pick(few(0, 23), few(0, 23), '*/6'), day, month, weekday].join(' ')
  return random() < 0.5 ? `${pick(few(0, 59), '*/20')} ${five}` : five
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
  /** `wild` says how likely the field is `*`, from 0 to 1. */
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
