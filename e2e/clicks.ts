import type { Locator } from '@playwright/test'
import { expect } from './test'

/** Counts what a person does, and prints it: the tasks are judged by it. */
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
