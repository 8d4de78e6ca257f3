import type { SubmitJobInput } from '@/app/_trpc/types'

/**
 * The idempotency keys of one form. What is sent twice, by a double click or because the answer was
 * lost, has one key and makes one job; other input has another, as it would be refused with the same.
 */
export function submissionKeys(random: () => string): (input: SubmitJobInput) => string {
  const keys = new Map<string, string>()
  return (input) => {
    const text = JSON.stringify(input)
    const key = keys.get(text) ?? random()
    keys.set(text, key)
    return key
  }
}

/** Of random bytes, as `randomUUID` is not to be had on pages without TLS. */
export const randomKey = () =>
  `form-${Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')}`
