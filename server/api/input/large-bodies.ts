import { permits } from '@/server/auth/access'
import { roleIn, type Principal } from '@/server/auth/principal'
import { EngineError } from '@/server/engine'
import { CallerTurns } from '../caller-turns'
import { LARGE } from './scanner'

/** Bytes. Above this size parameters are not checked at once (`SMALL_BYTES`), and one caller's bodies go on in turn. */
export const MEDIUM = 16 * 1024
/** Milliseconds that a large body waits for its turn, unread; a smaller one waits six times as long, since many may come at once. */
const PATIENCE_MS = 5_000

/**
 * Takes large bodies in this process: above 16 KiB two at a time for each caller, above 1 MiB one at a time and only
 * from callers that may submit somewhere.
 */
export class LargeBodies {
  private readonly large: CallerTurns
  private readonly medium: CallerTurns

  constructor(patienceMs = PATIENCE_MS) {
    this.large = new CallerTurns({ atOnce: 1, mostWaiting: 8, patienceMs, refusal: busyWithLarge })
    this.medium = new CallerTurns({ atOnce: 2, mostWaiting: 200, patienceMs: 6 * patienceMs, refusal: busyWithMedium })
  }

  /**
   * Waits until the caller's large body before has been answered. Returns a function that ends the turn.
   *
   * @throws EngineError NOT_PERMITTED, or RATE_LIMITED where the wait takes too long
   */
  async take(principal: Principal): Promise<() => void> {
    requireSubmitter(principal)
    return this.large.take(principal.id)
  }

  /**
   * The same for a body above 16 KiB.
   *
   * @param caller who sends it: the id of a key or person, or the credential where there is neither
   * @throws EngineError RATE_LIMITED where the wait takes too long
   */
  takeMedium(caller: string): Promise<() => void> {
    return this.medium.take(caller)
  }
}

function requireSubmitter(principal: Principal): void {
  if (
    principal.systemAdmin ||
    principal.memberships.some(({ id }) => permits(roleIn(principal, id) ?? null, 'jobs.submit'))
  )
    return
  throw new EngineError(
    'NOT_PERMITTED',
    `Only callers that may submit jobs may send a body above ${LARGE} bytes. Ask an ADMIN of your organization for role OPERATOR.`,
  )
}

const busyWithLarge = (): EngineError =>
  new EngineError(
    'RATE_LIMITED',
    `You may send one body above ${LARGE} bytes at a time, and your last one is not answered yet. Send the next one after that answer.`,
    { retryAfterSeconds: 1 },
  )

const busyWithMedium = (): EngineError =>
  new EngineError(
    'RATE_LIMITED',
    `Your bodies above ${MEDIUM} bytes are taken two at a time, and this one has waited too long for its turn. Send fewer of them at once.`,
    { retryAfterSeconds: 1 },
  )
