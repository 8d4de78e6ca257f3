import { expect, test } from 'vitest'
import { changeableOf, kindForAll } from './kind-for-all'

test.each([
  [undefined, 'cancel'],
  [['PENDING', 'QUEUED'] as const, 'cancel'],
  [['DEAD_LETTER', 'RUNNING'] as const, 'cancel'],
  [['DEAD_LETTER'] as const, 'retry'],
  [['CANCELED', 'COMPLETED'] as const, 'retry'],
  [['COMPLETED'] as const, null],
])('for all jobs with the statuses %o the list offers: %s', (status, kind) => expect(kindForAll(status)).toBe(kind))

test('the button for all jobs counts only those that the action can change', () => {
  expect(changeableOf('cancel', ['DEAD_LETTER', 'RUNNING'])).toEqual(['RUNNING'])
  expect(changeableOf('retry', ['COMPLETED', 'DEAD_LETTER'])).toEqual(['DEAD_LETTER'])
  for (const none of [undefined, []]) {
    expect(changeableOf('cancel', none)).toContain('PENDING')
    expect(changeableOf('cancel', none)).not.toContain('DEAD_LETTER')
  }
})
