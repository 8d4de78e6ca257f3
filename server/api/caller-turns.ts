import { EngineError } from '@/server/engine'

interface Rules {
  /** How many calls of one caller may run at once. */
  atOnce: number
  /** How many more of its calls may wait. */
  mostWaiting: number
  /** The longest wait of a call, in milliseconds. */
  patienceMs: number
  /** The refusal for a call beyond these limits, and for one that has waited too long. */
  refusal: () => EngineError
}

/**
 * Limits how many calls of each caller run at once in this process, and makes the rest wait. So a caller that sends a
 * thousand expensive calls takes neither all connections to the database nor memory for a thousand answers.
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
    // The next call takes over the turn, so the number of calls at work stays the same.
    if (begin) begin()
    else if (--caller.working === 0) this.callers.delete(id)
  }
}
