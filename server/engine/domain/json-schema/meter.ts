/** Thrown when a check needs more work than it may take. Whether the value fits is then unknown. */
export class CheckTooLong extends Error {
  override name = 'CheckTooLong'
}

/** Steps between two looks at the clock. A look costs about as much as a few steps. */
const LOOK_AT_THE_CLOCK_EVERY = 500

/** How much work a check may take. */
export interface Work {
  /** A step is about the work of asking one keyword about one value. It takes 0.4 µs at worst. */
  steps: number
  /** How many parts of patterns may be compiled (see `PatternSize`). A pattern is compiled once and then kept. */
  compiling: number
}

/** No limit on the work. For checks that end by a deadline. */
export const NO_LIMIT: Work = { steps: Infinity, compiling: Infinity }

/**
 * Counts the work of a check. A string, a list or a pattern counts by its length. Work that is smaller than a step is
 * counted in fractions. Work that is refused is not counted.
 */
export class Meter {
  private untilLook = LOOK_AT_THE_CLOCK_EVERY

  /**
   * @param left the work that may be done; several meters may share it
   * @param backtracking true where patterns may run that can take for ever: only in a thread that can be ended
   * @param isOver says whether the time is over. It is asked now and then
   */
  constructor(
    private readonly left: Work,
    readonly backtracking: boolean,
    private readonly isOver: () => boolean = () => false,
  ) {}

  /** Counts work before it is done. @throws CheckTooLong where too little is left, or the time is over */
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
