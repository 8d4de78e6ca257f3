import { roleMayDo } from '@/server/auth/access'
import { roleIn, type Principal } from '@/server/auth/principal'
import { EngineError } from '@/server/engine'
import { CallerTurns } from '../caller-turns'
import { LARGE } from './scanner'

/**
 * In bytes. Above this size parameters are not checked at once (`SMALL_BYTES`), and the bodies of one caller take
 * turns.
 */
export const MEDIUM = 16 * 1024
/**
 * How many milliseconds a large body waits for its turn, unread. A medium one waits six times as long, because many of
 * them may arrive together.
 */
const PATIENCE_MS = 5_000

/**
 * Limits the large bodies in this process. Each caller may send two bodies above 16 KiB at a time, and one body above 1
 * MiB. A body above 1 MiB is accepted only from callers that may submit jobs somewhere.
 */
export class LargeBodies {
  private readonly large: CallerTurns
  private readonly medium: CallerTurns

  constructor(patienceMs = PATIENCE_MS) {
    this.large = new CallerTurns({ atOnce: 1, mostWaiting: 8, patienceMs, refusal: busyWithLarge })
    this.medium = new CallerTurns({ atOnce: 2, mostWaiting: 200, patienceMs: 6 * patienceMs, refusal: busyWithMedium })
  }

  /**
   * Waits until the caller's earlier large body was answered. Returns a function that ends the turn.
   *
   * @throws EngineError NOT_PERMITTED, or RATE_LIMITED if the wait takes too long
   */
  async take(principal: Principal): Promise<() => void> {
    requireSubmitter(principal)
    return this.large.take(principal.id)
  }

  /**
   * Waits for a turn for a body above 16 KiB.
   *
   * @param caller the sender: the id of a key or person, or the credential if there is neither
   * @throws EngineError RATE_LIMITED if the wait takes too long
   */
  takeMedium(caller: string): Promise<() => void> {
    return this.medium.take(caller)
  }
}

function requireSubmitter(principal: Principal): void {
  if (
    principal.systemAdmin ||
    principal.memberships.some(({ id }) => roleMayDo(roleIn(principal, id) ?? null, 'jobs.submit'))
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
