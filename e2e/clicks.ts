import { expect, type Page } from './test'

// What a task of a person may cost. “Task 4 at 390” in a title is the fourth kind of thing that people come for, done at
// this width in pixels. The same task has the same number in every file, also where it is done by keyboard.
//
// The tasks: 1 seeing what fails and why, 2 why one job does not move, 3 cancelling all reports of one customer,
// 4 retrying everything that died of one cause, 5 who paused, 6 finding one job, 7 running a job again with one value
// changed, 8 how long the queue takes, 9 which worker is stuck, 10 a key for a service, 11 changing a limit.

/** The two widths at which each task is done. */
export const WIDTHS = [
  { name: '1440', look: { viewport: { width: 1440, height: 900 } } },
  { name: '390', look: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } },
] as const

/** What a person does at once: one press, or one run of typing. The titles of tests call it a click. */
interface Act {
  kind: 'press' | 'typing'
  /** The press was on a text field. */
  inField: boolean
  /** How far the page was scrolled, in pixels. */
  scrolled: number
}

/**
 * Counts what a person does on the page from now on, as the page itself notices it. Each press counts one, and so does
 * each run of keys that no press interrupts. A press into a text field and the typing that follows are one act: filling
 * in a field. Call it before `goto`.
 */
export async function countingClicks(page: Page, task: string) {
  const acts: Act[] = []
  await page.exposeFunction('noteAct', (act: Act) => void acts.push(act))
  await page.addInitScript(() => {
    const { noteAct } = window as unknown as { noteAct: (act: Act) => void }
    const isField = (target: EventTarget | null) =>
      target instanceof Element &&
      target.matches('textarea, [contenteditable], input:not([type=checkbox], [type=radio], [type=button])')
    const note = (kind: Act['kind'], { target, isTrusted }: Event) => {
      if (isTrusted) noteAct({ kind, inField: isField(target), scrolled: window.scrollY })
    }
    addEventListener('pointerdown', (event) => note('press', event), true)
    addEventListener('keydown', (event) => note('typing', event), true)
    // A test may fill a field without pressing keys.
    addEventListener('input', (event) => (isField(event.target) ? note('typing', event) : undefined), true)
  })
  const count = () =>
    acts.filter(({ kind }, n) => {
      const before = acts[n - 1]
      const goesOn = before?.kind === 'typing' || before?.inField
      return kind === 'press' || !goesOn
    }).length
  return {
    /**
     * Prints how many acts it took. Fails if that is more than the task may take, and also if the page noticed none
     * where some were needed, because then nothing was counted.
     */
    async reach(most: number) {
      // What the page has noticed up to now arrives before this answer.
      await page.evaluate(() => undefined)
      const clicks = count()
      console.log(`${task}: ${clicks} ${clicks === 1 ? 'click' : 'clicks'}, at most ${most}`)
      expect(clicks, `${task}: what was done: ${acts.map(({ kind }) => kind).join(', ')}`).toBeLessThanOrEqual(most)
      if (most > 0) expect(clicks, `${task}: nothing was noticed`).toBeGreaterThan(0)
    },
    /** Fails if the page was scrolled at any act. */
    onTheFirstScreen() {
      expect(acts.length, `${task}: nothing was done, so this says nothing`).toBeGreaterThan(0)
      expect(Math.max(0, ...acts.map(({ scrolled }) => scrolled)), `${task}: scrolled for it`).toBe(0)
    },
  }
}
