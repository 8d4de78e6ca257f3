import { expect, test } from 'vitest'
import { NO_QUESTION } from './filters'
import { isAboutWaiting } from './about-waiting'

test.each([
  [{}, true],
  [{ type: ['report.monthly'] }, true],
  [{ waitingFor: ['PAUSED' as const] }, true],
  [{ status: ['PENDING' as const, 'FAILED' as const] }, true],
  [{ type: ['report.monthly', 'mail.send'] }, false],
  [{ type: ['report.*'] }, false],
  [{ status: ['RUNNING' as const] }, false],
  [{ q: 'hooli' }, false],
  [{ arg: ['order.id:4711'] }, false],
  [{ since: '24h' }, false],
  [{ mine: true }, false],
])('the line of what waits stands above a list with the filters %o: %s', (filters, shown) =>
  expect(isAboutWaiting({ ...NO_QUESTION, ...filters })).toBe(shown),
)
