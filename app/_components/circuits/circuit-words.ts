import { formatRunning } from '@/app/_components/time'
import type { Circuit } from '@/app/_trpc/types'

/**
 * What happens next to a circuit that is not closed. It is OPEN before a trial, and HALF_OPEN from then on. HALF_OPEN
 * without a trial job means that the trial ended without an outcome, so the next job is tried. The words are a sentence
 * without a full stop.
 */
export function nextStep({ state, trialMayStartAt, trialJobId }: Circuit, now: number): string {
  if (trialJobId) return 'One job is being tried now'
  const left = Date.parse(trialMayStartAt) - now
  if (state === 'HALF_OPEN' || left <= 0) return 'The next job that waits is tried'
  return `One job is tried in ${formatRunning(left)}`
}

/** Splits circuits into open (also HALF_OPEN) and closed ones. Those that opened, or closed, last come first. */
export function splitByState(circuits: readonly Circuit[]): { open: Circuit[]; closed: Circuit[] } {
  const latest = (of: (circuit: Circuit) => string | null) => (a: Circuit, b: Circuit) =>
    (of(b) ?? '').localeCompare(of(a) ?? '')
  return {
    open: circuits.filter(({ state }) => state !== 'CLOSED').sort(latest(({ openedAt }) => openedAt)),
    closed: circuits.filter(({ state }) => state === 'CLOSED').sort(latest(({ closedAt }) => closedAt)),
  }
}

/** The last outcomes in words, for those who cannot see the dots. */
export function outcomeWords({ recent }: Pick<Circuit, 'recent'>): string {
  const failed = recent.filter(({ outcome }) => outcome !== 'COMPLETED').length
  return `Of the last ${recent.length === 1 ? 'attempt' : `${recent.length} attempts`}, ${recent.length - failed} completed and ${failed} failed`
}
