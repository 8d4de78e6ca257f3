/**
 * True where a number is a whole multiple of another. It compares the decimals as JSON writes them, not the nearest
 * doubles. So 0.3 is a multiple of 0.1.
 */
export function isMultipleOf(value: number, divisor: number): boolean {
  if (Number.isSafeInteger(value) && Number.isSafeInteger(divisor)) return value % divisor === 0
  const [a, b] = [decimal(value), decimal(divisor)]
  const shift = a.exponent - b.exponent
  return shift >= 0
    ? (a.digits * 10n ** BigInt(shift)) % b.digits === 0n
    : a.digits % (b.digits * 10n ** BigInt(-shift)) === 0n
}

/** A number as whole digits times a power of ten: 1.25 is 125 and -2. */
function decimal(value: number): { digits: bigint; exponent: number } {
  const [coefficient = '0', exponent = '0'] = Math.abs(value).toString().split('e')
  const [whole = '0', fraction = ''] = coefficient.split('.')
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length }
}
