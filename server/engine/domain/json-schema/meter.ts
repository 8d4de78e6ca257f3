/** A check took more work than it may; nothing is known of the value. */
export class CheckTooLong extends Error {
  override name = 'CheckTooLong'
}

const LOOK_AT_THE_CLOCK_EVERY = 500

/** How much work there may be. */
export interface Work {
  /** Steps. One is about what it takes to hold one value against one keyword, and at worst 0.4 µs. */
  steps: number
  /** Parts of patterns that are compiled (see `PatternSize`). A pattern is compiled once and then kept. */
  compiling: number
}

/** Where only the time counts. */
export const NO_LIMIT: Work = { steps: Infinity, compiling: Infinity }

/** Counts the work of a check. A string, a list or a pattern counts by its length. What is refused is not taken. */
export class Meter {
  private untilLook = LOOK_AT_THE_CLOCK_EVERY

  /**
   * @param left the work that may be done; several meters may share it
   * @param backtracking whether patterns may run that can take for ever, as where the thread can be ended
   * @param isOver looked at now and then: true once the time is over
   */
  constructor(
    private readonly left: Work,
    readonly backtracking: boolean,
    private readonly isOver: () => boolean = () => false,
  ) {}

  /** @throws CheckTooLong */
  take(steps: number): void {
    if (steps > this.left.steps) throw new CheckTooLong('too many steps')
    this.left.steps -= steps
    this.untilLook -= steps
    if (this.untilLook > 0) return
    this.untilLook = LOOK_AT_THE_CLOCK_EVERY
    if (this.isOver()) throw new CheckTooLong('out of time')
  }

  /** Counts a pattern before it is compiled. @throws CheckTooLong */
  takeCompiling(parts: number): void {
    if (parts > this.left.compiling) throw new CheckTooLong('its patterns take too long to compile')
    this.left.compiling -= parts
  }
}
