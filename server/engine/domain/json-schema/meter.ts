/** A check took more work than it may; nothing is known of the value. */
export class CheckTooLong extends Error {
  override name = 'CheckTooLong'
}

const LOOK_AT_THE_CLOCK_EVERY = 500

/**
 * Counts the work of a check. A step is about what it takes to hold one value against one keyword; a string, a
 * list or a pattern counts by its length.
 */
export class Meter {
  private untilLook = LOOK_AT_THE_CLOCK_EVERY

  /**
   * @param left steps that may be taken
   * @param isOver looked at now and then: true once the time is over
   * @param backtracking whether patterns may run that can take for ever, as where the thread can be ended
   */
  constructor(
    private left: number,
    readonly backtracking: boolean,
    private readonly isOver: () => boolean = () => false,
  ) {}

  /** @throws CheckTooLong */
  take(steps: number): void {
    this.left -= steps
    this.untilLook -= steps
    if (this.left < 0) throw new CheckTooLong('too many steps')
    if (this.untilLook > 0) return
    this.untilLook = LOOK_AT_THE_CLOCK_EVERY
    if (this.isOver()) throw new CheckTooLong('out of time')
  }
}
