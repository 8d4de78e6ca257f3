import { permits } from '@/server/auth/access'
import { roleIn, type Principal } from '@/server/auth/principal'
import { EngineError } from '@/server/engine'
import { LARGE } from './scanner'

/** Milliseconds that a second large body of a caller waits for its turn, unread. */
const PATIENCE_MS = 5_000
/** How many large bodies of one caller may wait. */
const MOST_WAITING = 8

/**
 * Takes bodies above 1 MiB in this process. Only callers that may submit somewhere may send them, one at a time for
 * each.
 */
export class LargeBodies {
  private readonly lines = new Map<string, (() => void)[]>()

  constructor(private readonly patienceMs = PATIENCE_MS) {}

  /**
   * Waits until the caller's large body before has been answered. Returns a function that ends the turn.
   *
   * @throws EngineError NOT_PERMITTED, or RATE_LIMITED where the wait takes too long
   */
  async take(principal: Principal): Promise<() => void> {
    requireSubmitter(principal)
    const { id } = principal
    const line = this.lines.get(id)
    if (!line) this.lines.set(id, [])
    else if (line.length >= MOST_WAITING) throw busy()
    else await this.turn(line)
    let given = false
    return () => {
      if (!given) this.next(id)
      given = true
    }
  }

  private turn(line: (() => void)[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const begin = () => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => {
        line.splice(line.indexOf(begin), 1)
        reject(busy())
      }, this.patienceMs)
      line.push(begin)
    })
  }

  private next(id: string): void {
    const begin = this.lines.get(id)?.shift()
    if (begin) begin()
    else this.lines.delete(id)
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

const busy = (): EngineError =>
  new EngineError(
    'RATE_LIMITED',
    `You may send one body above ${LARGE} bytes at a time, and your last one is not answered yet. Send the next one after that answer.`,
    { retryAfterSeconds: 1 },
  )
