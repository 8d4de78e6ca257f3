import type { Locator } from '@playwright/test'
import { expect } from './test'

/** Counts the clicks of a person and prints the number. The tasks have limits for it. */
export function counting(task: string) {
  let clicks = 0
  return {
    async click(target: Locator) {
      await target.click()
      clicks++
    },
    expect(most: number) {
      console.log(`${task}: ${clicks} clicks`)
      expect(clicks, task).toBeLessThanOrEqual(most)
    },
  }
}
