import { EngineError } from '@/server/engine'

interface Rules {
  /** How much of one caller may be at work at once. */
  atOnce: number
  /** How much more of it may wait. */
  mostWaiting: number
  /** Milliseconds that something waits at most. */
  patienceMs: number
  /** The refusal for what comes beyond that, or has waited for so long. */
  refusal: () => EngineError
}

/**
 * Lets only so much of each caller be at work at once in this process, and makes the rest wait. So a caller that sends
 * a thousand dear calls at once holds neither all connections to the database nor memory for a thousand answers.
 */
export class CallerTurns {
  private readonly callers = new Map<string, { working: number; waiting: (() => void)[] }>()

  constructor(private readonly rules: Rules) {}

  /**
   * Waits for a turn of this caller. Returns a function that ends the turn.
   *
   * @throws EngineError as the rules say
   */
  async take(id: string): Promise<() => void> {
    let caller = this.callers.get(id)
    if (!caller) this.callers.set(id, (caller = { working: 0, waiting: [] }))
    if (caller.working < this.rules.atOnce) caller.working++
    else if (caller.waiting.length >= this.rules.mostWaiting) throw this.rules.refusal()
    else await this.turn(caller.waiting)
    let given = false
    return () => {
      if (!given) this.next(id)
      given = true
    }
  }

  private turn(waiting: (() => void)[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const begin = () => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(begin), 1)
        reject(this.rules.refusal())
      }, this.rules.patienceMs)
      waiting.push(begin)
    })
  }

  private next(id: string): void {
    const caller = this.callers.get(id)!
    const begin = caller.waiting.shift()
    if (begin) begin()
    else if (--caller.working === 0) this.callers.delete(id)
  }
}
