import { expect, test } from 'vitest'
import { kindForAll } from './kind-for-all'

test.each([
  [undefined, 'cancel'],
  [['PENDING', 'QUEUED'] as const, 'cancel'],
  [['DEAD_LETTER', 'RUNNING'] as const, 'cancel'],
  [['DEAD_LETTER'] as const, 'retry'],
  [['CANCELED', 'COMPLETED'] as const, 'retry'],
  [['COMPLETED'] as const, null],
])('for all jobs with the statuses %o the list offers: %s', (status, kind) => expect(kindForAll(status)).toBe(kind))
