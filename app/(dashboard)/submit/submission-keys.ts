import type { SubmitJobInput } from '@/app/_trpc/types'

/**
 * The idempotency keys of one form. The same input always has the same key. So a double click, or a second try after a
 * lost answer, makes only one job. Another input gets another key, because the server would refuse it with the same
 * one.
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

/** Makes a random key. It uses random bytes, because `randomUUID` does not exist on pages without TLS. */
export const randomKey = () =>
  `form-${Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')}`
